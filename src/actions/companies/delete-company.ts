import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteCompany } from '../../contacts/delete-company.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { companyTarget } from './company-fields.ts'

/** Delete a company profile. */
export const deleteCompanyAction = action({
  name: 'DeleteCompany',
  version: CAS_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteCompany',
  target: companyTarget,
  summary: 'Delete a company profile; orders keep what they were placed with.',
  strict: false,
  input: z.object({ CompanyId: wireId }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run({ CompanyId }, context, services) {
    await deleteCompany(services, context, CompanyId)
    return {}
  },
})
