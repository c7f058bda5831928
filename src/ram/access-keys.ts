import type { Identity } from '../gateway/caller.ts'
import type { Sealer } from '../keys/sealer.ts'
import type { SharedSecrets } from '../keys/shared-secrets.ts'
import { Problem } from '../problem.ts'
import { type AccessKeyRow, findAccessKey } from '../storage/accounts.ts'
import type { Database } from '../storage/database.ts'
import { findAccountRules, findRoleName } from '../storage/ram-grants.ts'
import { RAM_CHANNEL } from './caller-policies.ts'
import { sessionPrincipal } from './principals.ts'
import { openSessionToken, type SessionToken, TEMPORARY_KEY_PREFIX } from './session-token.ts'

/** A key that signs calls. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: string
  readonly status: 'Active' | 'Inactive'
  readonly accountId: number
  readonly principal: string
  readonly identity: Identity
  /** Temporary keys only. */
  readonly securityToken?: string
  /** Temporary keys only, ms. */
  readonly expiresAtMs?: number
}

/** Opened secrets are kept so long at most, ms: what another process changed shows after this even if its notice was lost. */
const LONGEST_AGE_MS = 5_000
const MOST_KEYS = 1_000

export interface AccessKeyPorts {
  readonly db: Pick<Database, 'read' | 'onNotify'>
  readonly sealer: Sealer
  readonly secrets: Pick<SharedSecrets, 'open'>
  readonly clock: () => number
}

/**
 * Looks up access keys, with a small cache of opened secrets. Also remembers for a moment which keys do not exist. A temporary key is nowhere
 * but in the token that comes with it.
 *
 * The function throws Problem missingParameter, securityTokenMalformed or securityTokenMismatch for a temporary key without its token.
 */
export function createAccessKeyFinder(
  ports: AccessKeyPorts,
): (accessKeyId: string, securityToken?: string) => Promise<AccessKey | undefined> {
  const { db, clock } = ports
  const cache = new Map<string, { key: AccessKey | undefined; readAt: number }>()
  let changes = 0
  const forget = () => {
    changes += 1
    cache.clear()
  }
  db.onNotify(RAM_CHANNEL, forget)

  return async (accessKeyId, securityToken) => {
    const now = clock()
    const isTemporary = accessKeyId.startsWith(TEMPORARY_KEY_PREFIX)
    const cacheKey = isTemporary ? `${accessKeyId} ${securityToken ?? ''}` : accessKeyId
    const cached = cache.get(cacheKey)
    if (cached !== undefined && now >= cached.readAt && now - cached.readAt < LONGEST_AGE_MS) return cached.key
    const before = changes
    const key = isTemporary ? await openTemporary(ports, accessKeyId, securityToken) : await open(ports, accessKeyId)
    // Read before a change that was told meanwhile: good for this call, not for the next.
    if (before !== changes) return key
    // The oldest entry goes first: ids that nobody owns cannot fill the memory.
    if (cache.size >= MOST_KEYS) for (const oldest of cache.keys()) if (cache.delete(oldest)) break
    cache.delete(cacheKey)
    cache.set(cacheKey, { key, readAt: now })
    return key
  }
}

async function open({ db, sealer }: AccessKeyPorts, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await findAccessKey(db.read, accessKeyId)
  if (row === undefined) return undefined
  const secret = sealer.open(row.secret_sealed, { purpose: 'accessKey', accountId: row.account_id, id: row.id })
  return {
    accessKeyId: row.id,
    secret: Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength).toString('utf8'),
    status: row.status,
    accountId: row.account_id,
    principal: row.principal,
    identity: identityOf(row),
  }
}

function identityOf({ user_id: userId, user_name: userName }: AccessKeyRow): Identity {
  return userId === null || userName === null ? { kind: 'account' } : { kind: 'user', userId, userName }
}

/** A session lives while its token does, its role is there and its account is active; age is for whoever asked. */
async function openTemporary(
  ports: AccessKeyPorts,
  accessKeyId: string,
  securityToken: string | undefined,
): Promise<AccessKey | undefined> {
  if (securityToken === undefined) throw new Problem('missingParameter', { P: 'SecurityToken' })
  const token = await openSessionToken(ports.secrets, securityToken)
  if (token === undefined) throw new Problem('securityTokenMalformed')
  if (token.accessKeyId !== accessKeyId) throw new Problem('securityTokenMismatch')
  const { read } = ports.db
  const account = await findAccountRules(read, token.accountId)
  // Without its role a session can do nothing: its key is as good as deleted.
  if (account === undefined || (await findRoleName(read, token.accountId, token.roleId)) === undefined) return undefined
  return toAccessKey(token, securityToken, account.status === 'active' ? 'Active' : 'Inactive')
}

function toAccessKey(token: SessionToken, securityToken: string, status: AccessKey['status']): AccessKey {
  const { accessKeyId, secret, accountId, roleId, roleName, sessionName, expiresAtMs, policy, sourceIdentity, startedByUserId } = token
  return {
    accessKeyId,
    secret,
    status,
    accountId,
    principal: sessionPrincipal(accountId, roleName, sessionName),
    identity: {
      kind: 'session',
      roleId,
      roleName,
      sessionName,
      ...(policy !== undefined && { policy }),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      ...(startedByUserId !== undefined && { startedByUserId }),
    },
    securityToken,
    expiresAtMs,
  }
}
