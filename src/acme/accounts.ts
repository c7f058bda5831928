import type { Caller } from '../gateway/caller.ts'
import { callerOfEabKey } from '../ram/eab/eab-key.ts'
import { ACME_CHANNEL } from '../ram/eab/eab-keys.ts'
import { RAM_CHANNEL } from '../ram/caller-policies.ts'
import type { Services } from '../services.ts'
import { type AcmeAccountRow, findAcmeAccount } from '../storage/acme-accounts.ts'
import type { SigningKey } from './signing-key.ts'
import { restoreSigningKey } from './signing-key.ts'

/** An account of the door (RFC 8555 section 7.1.2), ready to check signatures with. */
export interface AcmeAccount {
  readonly id: number
  /** The tenant. */
  readonly accountId: number
  readonly eabKeyId: string | null
  readonly status: 'valid' | 'deactivated' | 'revoked'
  readonly key: SigningKey
  readonly contacts: readonly string[]
  /** The external account binding as it was sent: an object. */
  readonly binding: unknown
  /** For whom it acts; undefined: its tenant is suspended, or its user is gone. */
  readonly caller: Caller | undefined
}

/** The accounts of the door by id, with a small cache. */
export interface AcmeAccounts {
  find(id: number): Promise<AcmeAccount | undefined>
  /** What the cache knows of an account at this moment. */
  known(id: number): AcmeAccount | undefined
  /** After a change of this process: its next look sees it. */
  forget(id: number): void
}

/** What was read is kept so long at most, ms: what another process changed shows after this even if its notice was lost. */
const LONGEST_AGE_MS = 5_000
const MOST_ACCOUNTS = 4_096

export function openAcmeAccounts({ db, wallClock }: Pick<Services, 'db' | 'wallClock'>): AcmeAccounts {
  const cache = new Map<number, { readonly account: AcmeAccount; readonly readAt: number }>()
  let changes = 0
  const forgetAll = () => {
    changes += 1
    cache.clear()
  }
  db.onNotify(ACME_CHANNEL, forgetAll)
  // Users are renamed and deleted, tenants suspended.
  db.onNotify(RAM_CHANNEL, forgetAll)

  function known(id: number): AcmeAccount | undefined {
    const now = wallClock()
    const cached = cache.get(id)
    return cached !== undefined && now >= cached.readAt && now - cached.readAt < LONGEST_AGE_MS ? cached.account : undefined
  }

  return {
    known,
    async find(id) {
      const cached = known(id)
      if (cached !== undefined) return cached
      const now = wallClock()
      const before = changes
      const row = await findAcmeAccount(db.read, id)
      if (row === undefined) return undefined
      const account = toAcmeAccount(row)
      // Read before a change that was told meanwhile: good for this request, not for the next.
      if (before !== changes) return account
      if (cache.size >= MOST_ACCOUNTS) for (const oldest of cache.keys()) if (cache.delete(oldest)) break
      cache.delete(id)
      cache.set(id, { account, readAt: now })
      return account
    },
    forget(id) {
      changes += 1
      cache.delete(id)
    },
  }
}

// What is JSON was stored by the service itself.
export function toAcmeAccount(row: AcmeAccountRow): AcmeAccount {
  return {
    id: row.id,
    accountId: row.account_id,
    eabKeyId: row.eab_key_id,
    status: row.status,
    key: restoreSigningKey(row.jwk),
    contacts: JSON.parse(row.contacts) as string[],
    binding: row.binding === null ? undefined : JSON.parse(row.binding),
    caller: callerOf(row),
  }
}

function callerOf(row: AcmeAccountRow): Caller | undefined {
  if (row.account_status !== 'active' || (row.user_id !== null && row.user_name === null)) return undefined
  const user = row.user_id === null || row.user_name === null ? null : { id: row.user_id, name: row.user_name }
  return callerOfEabKey({ accountId: row.account_id, user }, row.id)
}
