import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Deletes a company profile. Orders keep the company as it was when they were placed.
 *
 * @throws Problem notFoundContent, callerInactive
 */
export async function deleteCompany(services: Pick<Services, 'db' | 'clock'>, context: RequestContext, companyId: number): Promise<void> {
  await services.db.write.deleteCompany({ ...(await prepareChange(services, context)), companyId })
}
