import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateCompany } from '../../contacts/update-company.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { companyTarget, givenFields, toGivenCompany } from './company-fields.ts'

/** Change a company profile: language, mail address and department may be absent and stay then. */
export const updateCompanyAction = action({
  name: 'UpdateCompany',
  version: CAS_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:UpdateCompany',
  target: companyTarget,
  summary: 'Change a company profile; orders keep what they were placed with.',
  strict: false,
  input: z.object({ CompanyId: wireId, ...givenFields, Lang: z.string().optional() }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run(input, context, services) {
    await updateCompany(services, context, input.CompanyId, toGivenCompany(input))
    return {}
  },
})
