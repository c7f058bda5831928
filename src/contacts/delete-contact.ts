import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Deletes a contact. Orders keep the applicant that they were placed with.
 *
 * @throws Problem notFoundContent, callerInactive
 */
export async function deleteContact(services: Pick<Services, 'db' | 'clock'>, context: RequestContext, contactId: number): Promise<void> {
  await services.db.write.deleteContact({ ...(await prepareChange(services, context)), contactId })
}
