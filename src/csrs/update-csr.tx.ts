import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

export interface UpdateCsrInput extends AccountChange {
  readonly csrId: number
  readonly keySealed: Uint8Array
}

/** Stores the key of a CSR, whose public key never changes. Refuses with `notFoundContent` or `callerInactive`. */
export const updateCsr = defineWrite({
  async run(tx, input: UpdateCsrInput): Promise<void> {
    const { csrId, now } = input
    const begun = beginAccountChange(tx, input)
    const changed = tx.run(`update csrs set key_sealed = ?, updated_at = ? where id = ? and account_id = ?`, [
      input.keySealed,
      now,
      csrId,
      input.caller.accountId,
    ])
    const recorded = recordAccountChange(tx, input, { kind: 'csr.updated', resource: `csr/${csrId}`, detail: { fields: 'key' } })
    const [{ changes }] = await Promise.all([changed, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'CSR' })
  },
})
