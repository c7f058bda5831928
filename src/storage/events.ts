import type { Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** One line of the audit trail, written in the write of what it tells. `detail` never holds a secret. */
export interface NewEvent {
  readonly id: number
  readonly accountId: number
  readonly at: number
  readonly kind: EventKind
  readonly principal: string
  readonly sourceIp: string | null
  readonly requestId: string | null
  /** What it is about, e.g. `order/10000001`. */
  readonly resource: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

export type EventKind =
  | 'installation.created'
  | 'installation.restored'
  | 'accessKey.created'
  | 'plan.bought'
  | 'order.placed'
  | 'order.proven'
  | 'order.failed'
  | 'order.issued'
  | 'certificate.revoked'
  | 'key.read'

/** Issues the statement that stores an event. */
export function insertEvent(tx: Tx, event: NewEvent): Promise<StatementResult> {
  return tx.insert('events', {
    id: event.id,
    account_id: event.accountId,
    at: event.at,
    kind: event.kind,
    principal: event.principal,
    source_ip: event.sourceIp,
    request_id: event.requestId,
    resource: event.resource,
    detail: JSON.stringify(event.detail),
    sealed_at: null,
  } satisfies Schema['events'])
}

/** The principal of what the service does by itself. */
export const SERVICE_PRINCIPAL = 'service'
