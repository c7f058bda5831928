import type { RequestContext } from '../gateway/caller.ts'
import { hasExpired } from '../orders/order-status.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCertificateCard } from '../storage/certificate-cards.ts'
import { clientTokenOf, withClientToken } from '../storage/client-tokens.ts'
import { originOf } from '../storage/events.ts'

/**
 * Deletes a certificate from the account's store, and destroys its private key: an uploaded one at any time, an issued one that has
 * expired or is revoked.
 *
 * @throws Problem notFoundCertificate; certificateValid if it has to be revoked first; idempotentParameterMismatch, callerInactive
 */
export async function deleteCertificate(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  request: { readonly certId: number; readonly clientToken: string | undefined },
): Promise<void> {
  const { accountId } = context.caller
  const { certId } = request
  const now = clock()
  const token = clientTokenOf(context, request.clientToken, [certId], now)
  await withClientToken(db, token, async () => {
    const card = await findCertificateCard(db.read, accountId, certId)
    if (card === undefined) throw new Problem('notFoundCertificate')
    if (card.source === 'order' && card.revoked_at === null && !hasExpired(card.not_after, now)) throw new Problem('certificateValid')
    await db.write.deleteCertificate({
      certificateId: certId,
      name: card.name,
      source: card.source,
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      now,
      token: token ?? null,
    })
    return {}
  })
}
