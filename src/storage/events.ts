import type { Insertable } from 'kysely'
import type { Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** One line of the audit trail, written in the write of what it tells. `detail` never holds a secret. */
export interface NewEvent {
  readonly id: number
  readonly accountId: number
  readonly at: number
  readonly kind: EventKind
  readonly origin: Origin
  /** What it is about, e.g. `order/10000001`. */
  readonly resource: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/** Who caused an event, by which call, and from where. */
export interface Origin {
  /** Resource name of the principal, e.g. `acs:ram::1234567890123456:user/alice`; {@link SERVICE_ORIGIN}'s for the service. */
  readonly principal: string
  /** The API action; null for what the service or its operator does. */
  readonly action: string | null
  readonly sourceIp: string | null
  readonly requestId: string | null
}

export type EventKind =
  | 'call'
  | 'audit.callsLost'
  | 'audit.bodiesDeleted'
  | 'installation.created'
  | 'installation.restored'
  | 'masterKey.rotated'
  | 'account.created'
  | 'account.updated'
  | 'accessKey.created'
  | 'accessKey.updated'
  | 'accessKey.deleted'
  | 'eabKey.created'
  | 'eabKey.updated'
  | 'eabKey.deleted'
  | 'acmeAccount.created'
  | 'acmeAccount.updated'
  | 'acmeAccount.deactivated'
  | 'acmeAccount.keyChanged'
  | 'user.created'
  | 'user.updated'
  | 'user.deleted'
  | 'group.created'
  | 'group.updated'
  | 'group.deleted'
  | 'group.userAdded'
  | 'group.userRemoved'
  | 'tags.changed'
  | 'resourceGroup.changed'
  | 'contact.created'
  | 'contact.updated'
  | 'contact.deleted'
  | 'company.created'
  | 'company.updated'
  | 'company.deleted'
  | 'csr.created'
  | 'csr.updated'
  | 'csr.deleted'
  | 'policy.created'
  | 'policy.updated'
  | 'policy.deleted'
  | 'policy.versionCreated'
  | 'policy.versionDeleted'
  | 'policy.defaultChanged'
  | 'policy.attached'
  | 'policy.detached'
  | 'role.created'
  | 'role.updated'
  | 'role.deleted'
  | 'session.started'
  | 'oidcProvider.created'
  | 'oidcProvider.updated'
  | 'oidcProvider.deleted'
  | 'plan.bought'
  | 'order.placed'
  | 'challenge.started'
  | 'authorization.proven'
  | 'authorization.failed'
  | 'authorization.deactivated'
  | 'order.proven'
  | 'order.failed'
  | 'order.withdrawn'
  | 'order.submitted'
  | 'order.deleted'
  | 'review.opened'
  | 'review.decided'
  | 'order.issued'
  | 'certificate.revoked'
  | 'certificate.uploaded'
  | 'certificate.deleted'
  | 'key.read'

/** Issues the statement that stores an event. */
export function insertEvent(tx: Tx, event: NewEvent): Promise<StatementResult> {
  return tx.insert('events', {
    id: event.id,
    account_id: event.accountId,
    at: event.at,
    kind: event.kind,
    principal: event.origin.principal,
    source_ip: event.origin.sourceIp,
    request_id: event.origin.requestId,
    resource: event.resource,
    detail: JSON.stringify(event.detail),
    sealed_at: null,
    action: event.origin.action,
    // Only what was allowed and done leaves an event in a write of its own.
    decision: event.origin.action === null ? null : 'Allow',
    code: event.origin.action === null ? null : 'OK',
  } satisfies Insertable<Schema['events']>)
}

/** The origin of what the service does by itself, or its operator at the machine. */
export const SERVICE_ORIGIN: Origin = { principal: 'service', action: null, sourceIp: null, requestId: null }

/** The origin of what a call does. */
export function originOf(context: {
  readonly caller: { readonly principal: string }
  readonly action: string
  readonly sourceIp: string
  readonly requestId: string
}): Origin {
  return { principal: context.caller.principal, action: context.action, sourceIp: context.sourceIp, requestId: context.requestId }
}
