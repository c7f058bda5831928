import type { Caller } from '../gateway/action.ts'
import { privateKeyPem } from '../keys/key-pair.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCertificateWithKey, findIssuer } from '../storage/certificates.ts'
import { findOrder, listAuthorizations, listValidationAttempts, type OrderRow } from '../storage/orders.ts'
import { fileProofPath } from '../validation/http-file.ts'
import { dnsHostLabel, dnsRecordName, authorizationName } from '../validation/record-name.ts'
import { encodePem } from '../x509/pem.ts'
import { findRegistrableDomain } from './domain-name.ts'
import type { OrderFailure } from './order.ts'

/** What an applicant sees of an order, in our own words; the doors translate. */
export type OrderDescription =
  | { readonly stage: 'unknown' | 'processing' | 'failed' | 'notSubmitted' }
  | { readonly stage: 'provingByDns'; readonly recordDomain: string; readonly recordValue: string }
  | { readonly stage: 'provingByFile'; readonly domain: string; readonly uri: string; readonly content: string }
  | {
      readonly stage: 'issued'
      readonly certificateId: number
      /** Leaf and issuing CA. */
      readonly certificatePem: string
      /** Undefined if the service does not hold the key. */
      readonly privateKeyPem: string | undefined
    }

/** A reading call is not held up longer than this by a look at the network, ms. */
const DESCRIBE_PATIENCE_MS = 500
/** A call that asks for a look waits this long for what it shows, ms. */
const CHECK_PATIENCE_MS = 2_000

type DescribeServices = Pick<Services, 'db' | 'settings' | 'sealer' | 'authority' | 'advancer' | 'clock'>

/**
 * The state of an order. Asking also makes the service look for the proof, if the spacing of attempts allows.
 *
 * @throws Problem notFoundOrder, also for another account's order
 */
export async function describeOrder(
  services: DescribeServices,
  request: { orderId: number; caller: Caller; requestId: string; sourceIp: string },
): Promise<OrderDescription> {
  const { accountId } = request.caller
  await services.advancer.nudge(await loadOrder(services, accountId, request.orderId), DESCRIBE_PATIENCE_MS)
  const description = await describe(services, await loadOrder(services, accountId, request.orderId), 'withKey')
  if (description.stage === 'issued' && description.privateKeyPem !== undefined)
    await recordReading(services, request, description.certificateId)
  return description
}

/** Who got a private key is on record before the answer leaves. */
async function recordReading(
  { db, clock }: DescribeServices,
  request: { caller: Caller; requestId: string; sourceIp: string },
  certificateId: number,
): Promise<void> {
  await db.write.recordKeyReading({
    id: await db.nextId('events'),
    accountId: request.caller.accountId,
    at: clock(),
    kind: 'key.read',
    principal: request.caller.principal,
    sourceIp: request.sourceIp,
    requestId: request.requestId,
    resource: `certificate/${certificateId}`,
    detail: { accessKeyId: request.caller.accessKeyId },
  })
}

/** The answer to a look at the proof. */
export interface ValidationCheck {
  readonly description: OrderDescription
  readonly attempts: number
  readonly proven: boolean
  readonly lastAttempt: { readonly at: number; readonly outcome: string; readonly message: string } | undefined
  /** When the service looks again by itself, ms. */
  readonly nextAttemptAt: number | null
  readonly failure: OrderFailure | undefined
}

/**
 * Looks for the proof of an order now, within the spacing of attempts, and tells what the latest attempt saw.
 *
 * @throws Problem notFoundOrder
 */
export async function checkValidationNow(services: DescribeServices, orderId: number, accountId: number): Promise<ValidationCheck> {
  await services.advancer.nudge(await loadOrder(services, accountId, orderId), CHECK_PATIENCE_MS)
  const order = await loadOrder(services, accountId, orderId)
  const [lastAttempt] = await listValidationAttempts(services.db.read, orderId, 1)
  const authorizations = await listAuthorizations(services.db.read, orderId)
  return {
    description: await describe(services, order, 'withoutKey'),
    attempts: order.attempts,
    proven: authorizations.every(({ validated_at }) => validated_at !== null),
    lastAttempt,
    nextAttemptAt: order.state === 'validating' ? order.run_at : null,
    failure: order.failure === null ? undefined : (JSON.parse(order.failure) as OrderFailure),
  }
}

async function loadOrder({ db }: Pick<Services, 'db'>, accountId: number, orderId: number): Promise<OrderRow> {
  const order = await findOrder(db.read, accountId, orderId)
  if (order === undefined || order.state === 'deleted') throw new Problem('notFoundOrder')
  return order
}

async function describe(services: DescribeServices, order: OrderRow, key: KeyReading): Promise<OrderDescription> {
  switch (order.state) {
    case 'accepted':
      return { stage: 'unknown' }
    case 'validating':
      return await describeProof(services, order)
    case 'ready':
    case 'reviewing':
    case 'issuing':
      return { stage: 'processing' }
    case 'failed':
      return { stage: 'failed' }
    case 'draft':
    case 'withdrawn':
      return { stage: 'notSubmitted' }
    case 'issued':
    case 'revoked':
      return await describeCertificate(services, order, key)
    case 'deleted':
      throw new Problem('notFoundOrder')
  }
}

async function describeProof({ db, settings }: DescribeServices, order: OrderRow): Promise<OrderDescription> {
  const authorizations = await listAuthorizations(db.read, order.id)
  const open = authorizations.find(({ validated_at }) => validated_at === null)
  // Proven between the two reads: the next look shows more.
  if (open === undefined) return { stage: 'processing' }
  switch (open.method) {
    case 'DNS':
      return { stage: 'provingByDns', recordDomain: recordDomain(settings.recordDomain, open.identifier), recordValue: open.token }
    case 'FILE':
      return { stage: 'provingByFile', domain: authorizationName(open.identifier), uri: fileProofPath, content: open.token }
  }
}

function recordDomain(form: 'full' | 'host', identifier: string): string {
  const zone = form === 'host' ? findRegistrableDomain(authorizationName(identifier)) : null
  return zone === null ? dnsRecordName(identifier) : dnsHostLabel(identifier, zone)
}

/** Whether a description unseals the private key. */
type KeyReading = 'withKey' | 'withoutKey'

async function describeCertificate(
  { db, sealer, authority }: DescribeServices,
  order: OrderRow,
  key: KeyReading,
): Promise<OrderDescription> {
  if (order.certificate_id === null) throw new Error(`the issued order ${order.id} has no certificate`)
  const row = await findCertificateWithKey(db.read, order.account_id, order.certificate_id)
  if (row === undefined) throw new Error(`the certificate ${order.certificate_id} is missing`)
  return {
    stage: 'issued',
    certificateId: row.id,
    certificatePem: [row.der, ...(await chainOf(db, authority, row.issuer_id))].map((der) => encodePem('CERTIFICATE', der)).join(''),
    privateKeyPem: key === 'withKey' ? openKey(sealer, order.account_id, row) : undefined,
  }
}

/** The chain of the CA that signed it, which a later one may have followed. */
async function chainOf(db: Services['db'], authority: Services['authority'], issuerId: string): Promise<readonly Uint8Array[]> {
  if (issuerId === authority.issuerId) return authority.chain
  const issuer = await findIssuer(db.read, issuerId)
  if (issuer === undefined) throw new Error(`the issuer ${issuerId} is missing`)
  return [issuer.certificate]
}

function openKey(
  sealer: Services['sealer'],
  accountId: number,
  row: { key_id: number | null; sealed: Uint8Array | null },
): string | undefined {
  if (row.sealed === null || row.key_id === null) return undefined
  const pkcs8 = sealer.open(row.sealed, { purpose: 'certificateKey', accountId, id: String(row.key_id) })
  try {
    return privateKeyPem(pkcs8)
  } finally {
    pkcs8.fill(0)
  }
}
