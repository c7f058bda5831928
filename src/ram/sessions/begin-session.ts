import { createHash } from 'node:crypto'
import type { Caller } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { AssumableRole } from '../../storage/assumable-roles.ts'
import type { NewEvent } from '../../storage/events.ts'
import { makeTemporaryKey } from '../make-access-key.ts'
import { sealSessionToken } from '../session-token.ts'
import type { StartSessionInput } from './start-session.tx.ts'

/** A session that was allowed to begin: its key is in the answer and stored nowhere. */
export interface BegunSession {
  readonly accessKeyId: string
  readonly secret: string
  readonly securityToken: string
  readonly expiresAtMs: number
  readonly role: Pick<AssumableRole, 'id' | 'account_id' | 'name'>
  readonly sessionName: string
  readonly sourceIdentity?: string
}

/** What a session is to be. */
export interface SessionTerms {
  readonly role: AssumableRole
  readonly sessionName: string
  readonly durationSeconds: number
  readonly policy: string | undefined
  readonly sourceIdentity: string | undefined
}

export type SessionServices = Pick<Services, 'db' | 'secrets' | 'clock' | 'wallClock' | 'randomBytes'>

/**
 * Begins a session and puts it on record before its key leaves the process. It ends by the real time: clients renew their keys by theirs.
 *
 * @throws Problem callerInactive, serviceUnavailable if role or provider changed meanwhile
 */
export async function beginSession(
  services: SessionServices,
  terms: SessionTerms,
  by: Pick<StartSessionInput, 'provider' | 'origin'> & { readonly caller: Caller | null; readonly detail?: NewEvent['detail'] },
): Promise<BegunSession> {
  const { db, secrets, clock, wallClock, randomBytes } = services
  const { role, sessionName, durationSeconds, policy, sourceIdentity } = terms
  const { accessKeyId, secret } = makeTemporaryKey(randomBytes)
  // Whole seconds, as the answer writes it.
  const expiresAtMs = Math.floor(wallClock() / 1000 + durationSeconds) * 1000
  const startedByUserId = by.caller === null ? undefined : userBehind(by.caller)
  const optional = { ...(policy !== undefined && { policy }), ...(sourceIdentity !== undefined && { sourceIdentity }) }
  await db.write.startSession({
    caller: by.caller,
    provider: by.provider,
    origin: by.origin,
    role: { id: role.id, accountId: role.account_id, name: role.name, trustDocument: role.trust_document },
    eventId: await db.nextId('events'),
    now: clock(),
    detail: {
      accessKeyId,
      sessionName,
      durationSeconds,
      ...(policy !== undefined && { policySha256: createHash('sha256').update(policy).digest('hex') }),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      ...by.detail,
    },
  })
  const securityToken = sealSessionToken(secrets, {
    accessKeyId,
    secret,
    accountId: role.account_id,
    roleId: role.id,
    roleName: role.name,
    sessionName,
    expiresAtMs,
    ...optional,
    ...(startedByUserId !== undefined && { startedByUserId }),
  })
  return { accessKeyId, secret, securityToken, expiresAtMs, role, sessionName, ...(sourceIdentity !== undefined && { sourceIdentity }) }
}

/** The user who calls, or who began the session that calls. */
function userBehind({ identity }: Caller): number | undefined {
  switch (identity.kind) {
    case 'user':
      return identity.userId
    case 'session':
      return identity.startedByUserId
    case 'account':
    case 'anonymous':
      return undefined
  }
}
