import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface AnnounceDeletionInput {
  readonly eventId: number
  readonly accountId: number
  readonly now: number
  /** Position before which bodies go. */
  readonly before: number
  /** The same, signed by the key of the log. */
  readonly note: string
}

/** Says which bodies are about to go, before they do. Refuses with `moved` if as much was said already. */
export const announceDeletion = defineWrite({
  async run(tx, { eventId, accountId, now, before, note }: AnnounceDeletionInput): Promise<void> {
    const [said] = await Promise.all([
      tx.run(`update audit_log set deletion = ?, deleted_before = ? where id = 1 and deleted_before < ?`, [note, before, before]),
      insertEvent(tx, {
        id: eventId,
        accountId,
        at: now,
        kind: 'audit.bodiesDeleted',
        origin: SERVICE_ORIGIN,
        resource: 'audit',
        detail: { before },
      }),
    ])
    if (said.changes === 0) throw new Problem('moved')
  },
})
