import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { type GivenCompany, parseCompanyChange } from './company.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Changes a company profile. Orders keep the company as it was when they were placed.
 *
 * @throws Problem missingParameter, invalidParameter, notFoundContent, callerInactive
 */
export async function updateCompany(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  companyId: number,
  given: GivenCompany,
): Promise<void> {
  const company = parseCompanyChange(given)
  await services.db.write.updateCompany({ ...(await prepareChange(services, context)), companyId, company })
}
