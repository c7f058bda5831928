import type { Sealer } from '../keys/sealer.ts'
import type { Database } from '../storage/database.ts'
import { findAccessKey } from '../storage/accounts.ts'

/** A key that signs calls. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: string
  readonly status: 'Active' | 'Inactive'
  readonly accountId: number
  readonly principal: string
}

/** Opened secrets are kept so long at most, ms: what another process changed shows after this even if its notice was lost. */
const LONGEST_AGE_MS = 5_000
const MOST_KEYS = 1_000

/** Writes that change a key or an account name this channel. */
export const ACCESS_KEYS_CHANNEL = 'access-keys'

/** Looks up access keys, with a small cache of opened secrets. Also remembers for a moment which keys do not exist. */
export function createAccessKeyFinder(
  db: Pick<Database, 'read' | 'onNotify'>,
  sealer: Sealer,
  clock: () => number,
): (accessKeyId: string) => Promise<AccessKey | undefined> {
  const cache = new Map<string, { key: AccessKey | undefined; readAt: number }>()
  db.onNotify(ACCESS_KEYS_CHANNEL, () => cache.clear())

  return async (accessKeyId) => {
    const now = clock()
    const cached = cache.get(accessKeyId)
    if (cached !== undefined && now >= cached.readAt && now - cached.readAt < LONGEST_AGE_MS) return cached.key
    const key = await open(db, sealer, accessKeyId)
    // The oldest entry goes first: ids that nobody owns cannot fill the memory.
    if (cache.size >= MOST_KEYS) for (const oldest of cache.keys()) if (cache.delete(oldest)) break
    cache.delete(accessKeyId)
    cache.set(accessKeyId, { key, readAt: now })
    return key
  }
}

async function open(db: Pick<Database, 'read'>, sealer: Sealer, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await findAccessKey(db.read, accessKeyId)
  if (row === undefined) return undefined
  const secret = sealer.open(row.secret_sealed, { purpose: 'accessKey', accountId: row.account_id, id: row.id })
  return {
    accessKeyId: row.id,
    secret: Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength).toString('utf8'),
    status: row.status,
    accountId: row.account_id,
    principal: row.principal,
  }
}
