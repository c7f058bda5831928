import { Problem } from '../../problem.ts'
import type { Database } from '../../storage/database.ts'
import { findEabKeyOfAny } from '../../storage/eab-keys.ts'
import { RAM_CHANNEL } from '../caller-policies.ts'
import { type EabKey, isUsable, toEabKey } from './eab-key.ts'

/** Writes that change external account keys or ACME accounts name this channel. */
export const ACME_CHANNEL = 'acme'

/** What was read is kept so long at most, ms: what another process changed shows after this even if its notice was lost. */
const LONGEST_AGE_MS = 5_000
const MOST_KEYS = 1_000

/** External account keys, whoever owns them, read at most every five seconds. Writes ask again in SQL: `selectActiveCaller`. */
export interface EabKeys {
  /** A key that may be used now: on, not expired, its user and its account there and not suspended. @throws Problem eabKeyUnusable */
  load(id: string): Promise<EabKey>
}

interface CachedKey {
  readonly key: EabKey
  readonly status: 'Active' | 'Inactive' | 'Deleted'
  readonly expires_at: number | null
  readonly readAt: number
}

export function openEabKeys({ db, clock }: { readonly db: Pick<Database, 'read' | 'onNotify'>; readonly clock: () => number }): EabKeys {
  const known = new Map<string, CachedKey>()
  let changes = 0
  const forget = () => {
    changes += 1
    known.clear()
  }
  db.onNotify(ACME_CHANNEL, forget)
  // Names of users, and whether the account is active.
  db.onNotify(RAM_CHANNEL, forget)

  async function read(id: string, now: number): Promise<CachedKey> {
    const before = changes
    const row = await findEabKeyOfAny(db.read, id)
    if (row?.account_status !== 'active') throw new Problem('eabKeyUnusable')
    const found = { key: toEabKey(row), status: row.status, expires_at: row.expires_at, readAt: now }
    // Read before a change that was told meanwhile: good for this call, not for the next.
    if (before === changes) {
      if (known.size >= MOST_KEYS) known.clear()
      known.set(id, found)
    }
    return found
  }

  return {
    async load(id) {
      const now = clock()
      const cached = known.get(id)
      const isFresh = cached !== undefined && now >= cached.readAt && now - cached.readAt < LONGEST_AGE_MS
      const found = isFresh ? cached : await read(id, now)
      if (!isUsable(found, now)) throw new Problem('eabKeyUnusable')
      return found.key
    },
  }
}
