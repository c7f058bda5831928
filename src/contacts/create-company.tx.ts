import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'
import type { Company } from './company.ts'

export interface CreateCompanyInput extends AccountChange {
  readonly companyId: number
  readonly company: Company
  /** Profiles that an account may have. */
  readonly most: number
}

/** Stores a company profile. Refuses with `limitExceeded` or `callerInactive`. */
export const createCompany = defineWrite({
  async run(tx, input: CreateCompanyInput): Promise<void> {
    const { companyId, now } = input
    const { accountId } = input.caller
    const { postCode, ...company } = input.company
    const begun = beginAccountChange(tx, input)
    const stored = tx.insert('companies', {
      id: companyId,
      account_id: accountId,
      ...company,
      post_code: postCode,
      created_at: now,
      updated_at: now,
    })
    const counted = tx.run(`select count(*) as count from companies where account_id = ?`, [accountId])
    const recorded = recordAccountChange(tx, input, { kind: 'company.created', resource: `company/${companyId}` })
    const [{ rows }] = await Promise.all([counted, begun, stored, recorded])
    if (Number(rows[0]?.['count']) > input.most) throw new Problem('limitExceeded', { P: 'Company', limit: `${input.most} companies` })
  },
})
