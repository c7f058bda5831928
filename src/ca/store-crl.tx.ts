import { defineWrite } from '../storage/write.ts'

export interface StoreCrlInput {
  readonly issuerId: string
  readonly shard: number
  /** The number of the CRL that it follows; the new one has one more. */
  readonly previousNumber: number
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly der: Uint8Array
  /** `run_at` as it was before the revocations were read; a revocation that came later has changed it and keeps the shard due. */
  readonly dueAt: number | null
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
      `update crls set number = number + 1, this_update = ?, next_update = ?, der = ?,
         run_at = case when run_at is not distinct from ? then ? else run_at end
       where issuer_id = ? and shard = ? and number = ?`,
      [input.thisUpdate, input.nextUpdate, input.der, input.dueAt, input.runAt, input.issuerId, input.shard, input.previousNumber],
    )
    return changes === 1
  },
})
