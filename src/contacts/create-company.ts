import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { type GivenCompany, parseCompany } from './company.ts'
import { MOST_OF_A_KIND } from './limits.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Makes a company profile; OV and EV orders name it unless they name another.
 *
 * @returns its id
 * @throws Problem missingParameter, invalidParameter, limitExceeded, callerInactive
 */
export async function createCompany(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  given: GivenCompany,
): Promise<number> {
  const company = parseCompany(given)
  const companyId = await services.db.nextId('companies')
  await services.db.write.createCompany({ ...(await prepareChange(services, context)), companyId, company, most: MOST_OF_A_KIND })
  return companyId
}
