import type { RequestContext } from '../gateway/caller.ts'
import type { Services } from '../services.ts'
import { type GivenContact, parseContactChange } from './contact.ts'
import { sealIdCard } from './id-card.ts'
import { prepareChange } from './prepare-change.ts'

/**
 * Changes a contact; what is absent stays. Orders keep the applicant that they were placed with.
 *
 * @throws Problem missingParameter, invalidParameter, notFoundContent, callerInactive
 */
export async function updateContact(
  services: Pick<Services, 'db' | 'clock' | 'sealer'>,
  context: RequestContext,
  contactId: number,
  given: GivenContact,
): Promise<void> {
  const { name = null, mobile = null, email = null, idCard, webhooks } = parseContactChange(given)
  await services.db.write.updateContact({
    ...(await prepareChange(services, context)),
    contactId,
    name,
    mobile,
    email,
    webhooks: webhooks === undefined ? null : JSON.stringify(webhooks),
    idCard: idCard === undefined ? null : { sealed: sealIdCard(services.sealer, context.caller.accountId, contactId, idCard) },
  })
}
