import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { Problem } from '../../problem.ts'
import { findCompany } from '../../storage/companies.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { companyFields, companyTarget, companyToWire } from './company-fields.ts'

/** Show a company profile. */
export const getCompanyAction = action({
  name: 'GetCompany',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetCompany',
  target: companyTarget,
  summary: 'Show a company profile.',
  strict: false,
  input: z.object({ CompanyId: wireId }),
  output: z.object(companyFields),
  problems: ['notFoundContent'],
  async run({ CompanyId }, { caller }, { db }) {
    const company = await findCompany(db.read, caller.accountId, CompanyId)
    if (company === undefined) throw new Problem('notFoundContent', { what: 'company' })
    return companyToWire(company)
  },
})
