import { defineWrite } from '../storage/write.ts'

export interface StoreCrlInput {
  readonly issuerId: string
  readonly shard: number
  /** The number of the CRL that it follows; the new one has one more. */
  readonly previousNumber: number
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly der: Uint8Array
  /** The instant before whose revocations it lists all; one that came later keeps it due. */
  readonly readAt: number
  /** When the next one is due; null: it is signed by command. */
  readonly runAt: number | null
}

/**
 * Stores a CRL if it follows the newest one: numbers strictly increase, whoever signs and whatever is killed.
 *
 * @returns false if another one was first; the caller drops its own
 */
export const storeCrl = defineWrite({
  async run(tx, input: StoreCrlInput): Promise<boolean> {
    const { changes } = await tx.run(
      // A revocation between reading and storing set run_at to its own instant: the shard then stays due.
      `update crls set number = number + 1, this_update = ?, next_update = ?, der = ?,
         run_at = case when run_at > ? then run_at else ? end
       where issuer_id = ? and shard = ? and number = ?`,
      [input.thisUpdate, input.nextUpdate, input.der, input.readAt, input.runAt, input.issuerId, input.shard, input.previousNumber],
    )
    return changes === 1
  },
})
