import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createCompany } from '../../contacts/create-company.ts'
import { CAS_VERSION } from '../versions.ts'
import { givenFields, toGivenCompany } from './company-fields.ts'

/** Make a company profile. */
export const createCompanyAction = action({
  name: 'CreateCompany',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateCompany',
  summary: 'Make a company profile: whom OV and EV certificates name.',
  strict: false,
  input: z.object({ ...givenFields, Lang: z.string() }),
  output: z.object({ CompanyId: z.int() }),
  problems: ['limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    return { CompanyId: await createCompany(services, context, toGivenCompany(input)) }
  },
})
