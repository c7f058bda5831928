import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** Says how many calls could not be put on record. */
export const storeLostCalls = defineWrite({
  async run(tx, input: { id: number; accountId: number; at: number; count: number }): Promise<void> {
    const { id, accountId, at, count } = input
    await insertEvent(tx, { id, accountId, at, kind: 'audit.callsLost', origin: SERVICE_ORIGIN, resource: 'audit', detail: { count } })
  },
})
