import { defineWrite } from '../storage/write.ts'

/** A call that no write of its own has put on record. */
export interface NewCallEvent {
  readonly id: number
  readonly accountId: number
  readonly at: number
  readonly principal: string
  readonly accessKeyId: string | null
  readonly action: string
  readonly sourceIp: string | null
  readonly requestId: string
  readonly resource: string
  readonly decision: 'Allow' | 'Deny' | null
  readonly code: string
}

/** Stores calls for the audit trail. Those that an earlier attempt has stored, whose answer was lost, stay as they are. */
export const storeCallEvents = defineWrite({
  async run(tx, { events }: { events: readonly NewCallEvent[] }): Promise<void> {
    await Promise.all(
      events.map((event) =>
        tx.run(
          `insert into events
             (id, account_id, at, kind, principal, source_ip, request_id, resource, detail, action, decision, code)
           values (?, ?, ?, 'call', ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
          [
            event.id,
            event.accountId,
            event.at,
            event.principal,
            event.sourceIp,
            event.requestId,
            event.resource,
            JSON.stringify(event.accessKeyId === null ? {} : { accessKeyId: event.accessKeyId }),
            event.action,
            event.decision,
            event.code,
          ],
        ),
      ),
    )
  },
})
