import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'
import type { CompanyChange } from './company.ts'

export interface UpdateCompanyInput extends AccountChange {
  readonly companyId: number
  readonly company: CompanyChange
}

/** Changes a company profile. Refuses with `notFoundContent` or `callerInactive`. */
export const updateCompany = defineWrite({
  async run(tx, input: UpdateCompanyInput): Promise<void> {
    const { companyId, company } = input
    const begun = beginAccountChange(tx, input)
    const changed = tx.run(
      `update companies set name = ?, code = ?, kind = ?, address = ?, phone = ?, city = ?, province = ?, post_code = ?, country = ?,
         lang = coalesce(?, lang), email = coalesce(?, email), department = coalesce(?, department), updated_at = ?
       where id = ? and account_id = ?`,
      [
        company.name,
        company.code,
        company.kind,
        company.address,
        company.phone,
        company.city,
        company.province,
        company.postCode,
        company.country,
        company.lang ?? null,
        company.email ?? null,
        company.department ?? null,
        input.now,
        companyId,
        input.caller.accountId,
      ],
    )
    const recorded = recordAccountChange(tx, input, { kind: 'company.updated', resource: `company/${companyId}` })
    const [{ changes }] = await Promise.all([changed, begun, recorded])
    if (changes === 0) throw new Problem('notFoundContent', { what: 'company' })
  },
})
