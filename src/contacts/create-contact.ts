import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { type GivenContact, parseContact } from './contact.ts'
import { sealIdCard } from './id-card.ts'
import { MOST_OF_A_KIND } from './limits.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Makes a contact; it becomes the default applicant of orders.
 *
 * @returns its id
 * @throws Problem missingParameter, invalidParameter, limitExceeded, callerInactive
 */
export async function createContact(
  services: Pick<Services, 'db' | 'clock' | 'sealer'>,
  context: RequestContext,
  given: GivenContact,
): Promise<number> {
  const { name, mobile, email, idCard, webhooks } = parseContact(given)
  const contactId = await services.db.nextId('contacts')
  await services.db.write.createContact({
    ...(await prepareChange(services, context)),
    contactId,
    name,
    mobile,
    email,
    webhooks: JSON.stringify(webhooks),
    idCardSealed: sealIdCard(services.sealer, context.caller.accountId, contactId, idCard),
    most: MOST_OF_A_KIND,
  })
  return contactId
}
