import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import type { NewCsr } from '../storage/csrs.ts'
import { defineWrite } from '../storage/write.ts'

export interface StoreCsrInput extends AccountChange {
  readonly csr: NewCsr
  readonly source: 'created' | 'uploaded'
  /** CSRs that an account may have. */
  readonly most: number
}

/** Stores a CSR. Refuses with `limitExceeded` or `callerInactive`. */
export const storeCsr = defineWrite({
  async run(tx, input: StoreCsrInput): Promise<void> {
    const { csr, source, most } = input
    const begun = beginAccountChange(tx, input)
    const stored = tx.insert('csrs', csr)
    const counted = tx.run(`select count(*) as count from csrs where account_id = ?`, [input.caller.accountId])
    const recorded = recordAccountChange(tx, input, {
      kind: 'csr.created',
      resource: `csr/${csr.id}`,
      detail: { source, name: csr.name, keySha256: csr.spki_sha256, hasKey: csr.key_sealed !== null },
    })
    const [{ rows }] = await Promise.all([counted, begun, stored, recorded])
    if (Number(rows[0]?.['count']) > most) throw new Problem('limitExceeded', { P: 'Csr', limit: `${most} CSRs` })
  },
})
