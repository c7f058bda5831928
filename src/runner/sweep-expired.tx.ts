import { defineWrite } from '../storage/write.ts'

/** So many rows at once keep the write short. */
const BATCH = 500

/** Deletes idempotency tokens whose answer is no longer given. Answers how many; a full batch means that more may follow. */
export const sweepExpired = defineWrite({
  async run(tx, input: { now: number }): Promise<{ deleted: number; more: boolean }> {
    const { changes } = await tx.run(
      `delete from client_tokens where (account_id, principal, action, token) in
         (select account_id, principal, action, token from client_tokens where expires_at <= ? limit ${BATCH})`,
      [input.now],
    )
    return { deleted: changes, more: changes === BATCH }
  },
})
