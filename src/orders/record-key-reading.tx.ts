import { insertEvent, type NewEvent } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** Puts on record that a private key was handed out; the answer waits for it. */
export const recordKeyReading = defineWrite({
  async run(tx, event: NewEvent): Promise<void> {
    await insertEvent(tx, event)
  },
})
