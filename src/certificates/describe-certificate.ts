import type { RequestContext } from '../gateway/caller.ts'
import { mayReadKey, recordReading } from '../orders/key-reading.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { type CertificateCardRow, findCertificateCard, findNewestCard } from '../storage/certificate-cards.ts'
import { findOrder, type OrderRow } from '../storage/orders.ts'
import { listTags } from '../storage/ram-grants.ts'
import { type CertificateContent, readContent } from './certificate-content.ts'
import { type ChainMember, listChainMembers } from './chain-members.ts'

/** Names one certificate, or the newest one of a chain of renewals. */
export type CertificateReference = { readonly certId: number } | { readonly resource: string }

/** A certificate with what belongs to it. */
export interface CertificateDescription {
  readonly card: CertificateCardRow
  /** The order that it was issued to; undefined for an uploaded one. */
  readonly order: OrderRow | undefined
  /** The service holds the private key. */
  readonly holdsKey: boolean
  /** Leaf first. */
  readonly chain: readonly ChainMember[]
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

type DescribeServices = Pick<Services, 'db' | 'sealer' | 'authority' | 'access' | 'clock'>

/**
 * A certificate that the account has, issued or uploaded.
 *
 * @throws Problem notFoundCertificate, also for another account's; noPermission if a `ResourceId` leads to one that is not allowed
 */
export async function loadCertificateCard(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  reference: CertificateReference,
  ramAction: string,
): Promise<CertificateCardRow> {
  const { read } = services.db
  const { accountId } = context.caller
  if ('certId' in reference) return found(await findCertificateCard(read, accountId, reference.certId))
  const card = found(await findNewestCard(read, accountId, reference.resource))
  // The gateway was asked for the ResourceId; a refusal of the certificate itself counts too.
  await services.access.assertAllowed(context, { action: ramAction, resources: [`certificate/${card.id}`] })
  return card
}

function found(card: CertificateCardRow | undefined): CertificateCardRow {
  if (card === undefined) throw new Problem('notFoundCertificate')
  return card
}

/** A certificate without its PEM and keys. */
export async function describeCertificate(services: DescribeServices, card: CertificateCardRow): Promise<CertificateDescription> {
  return await describe(services, card, await readContent(services, card, 'withoutKey'))
}

/**
 * A certificate with its PEM, and with its keys if the caller may read them; then the reading is on record.
 */
export async function openCertificate(
  services: DescribeServices,
  context: RequestContext,
  card: CertificateCardRow,
): Promise<CertificateDescription & { readonly content: CertificateContent; readonly keyWithheld: boolean }> {
  const key = await mayReadKey(services, context, card.id)
  const content = await readContent(services, card, key)
  const description = await describe(services, card, content)
  if (content.privateKeyPem !== undefined) await recordReading(services, context, card.id)
  return { ...description, content, keyWithheld: content.holdsKey && content.privateKeyPem === undefined }
}

async function describe(
  services: DescribeServices,
  card: CertificateCardRow,
  content: CertificateContent,
): Promise<CertificateDescription> {
  const { read } = services.db
  const { account_id: accountId, order_id: orderId } = card
  return {
    card,
    order: orderId === null ? undefined : await findOrder(read, accountId, orderId),
    holdsKey: content.holdsKey,
    chain: listChainMembers(content.certificatePem, services.clock()),
    tags: await tagsOf(services, card),
  }
}

/** A certificate's own tag counts more than its order's, as it does for permission. */
async function tagsOf({ db }: DescribeServices, { id, account_id: accountId, order_id: orderId }: CertificateCardRow) {
  const ofOrder = orderId === null ? [] : await listTags(db.read, accountId, 'order', orderId)
  const own = await listTags(db.read, accountId, 'certificate', id)
  const byKey = new Map([...ofOrder, ...own].map((tag) => [tag.key, tag]))
  return [...byKey.values()]
}
