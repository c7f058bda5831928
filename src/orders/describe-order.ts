import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findThumbprint } from '../storage/acme-orders.ts'
import { listAuthorizations, listValidationAttempts, type OrderRow } from '../storage/orders.ts'
import { readIssuedContent } from './issued-content.ts'
import { type KeyReading, mayReadKey, recordReading } from './key-reading.ts'
import { loadOrder } from './load-order.ts'
import type { OrderFailure } from './order.ts'
import { instructProof, type ProofInstruction } from './proof-instruction.ts'
import { publishAtOf } from './publish-at.ts'
import { resourceNameOf } from './wire-names.ts'

/** What an applicant sees of an order, in our own words; the doors translate. */
export type OrderDescription =
  | { readonly stage: 'processing' | 'notSubmitted' }
  | {
      readonly stage: 'proving'
      /** Of the first name that is not proven. */
      readonly next: ProofInstruction
      /** All names, the certificate's CN first. */
      readonly names: readonly {
        readonly name: string
        readonly proven: boolean
        readonly instruction: ProofInstruction
        /** Where a CNAME delegates the record to, as far as looks have seen. */
        readonly publishAt: string | undefined
      }[]
      /** How the settings want record names in the original's field. */
      readonly recordForm: 'full' | 'host'
    }
  | { readonly stage: 'failed'; readonly failure: OrderFailure | undefined }
  | {
      readonly stage: 'issued'
      readonly certificateId: number
      /** `ResourceId` on the wire: stays when the certificate is renewed. */
      readonly resource: string
      /** Leaf and issuing CA. */
      readonly certificatePem: string
      /** Undefined if the service does not hold the key. */
      readonly privateKeyPem: string | undefined
      /** The service holds the key and does not give it: the caller may not read it, or the certificate is revoked. */
      readonly keyWithheld: boolean
    }

/** A reading call is not held up longer than this by a look at the network, ms. */
const DESCRIBE_PATIENCE_MS = 500
/** A call that asks for a look waits this long for what it shows, ms. */
const CHECK_PATIENCE_MS = 2_000

type DescribeServices = Pick<Services, 'access' | 'db' | 'settings' | 'sealer' | 'authority' | 'advancer' | 'clock'>

/**
 * The state of an order. Asking also makes the service look for the proof, if the spacing of attempts allows.
 *
 * @throws Problem notFoundOrder, also for another account's order
 */
export async function describeOrder(services: DescribeServices, orderId: number, context: RequestContext): Promise<OrderDescription> {
  const { accountId } = context.caller
  const found = await loadOrder(services, accountId, orderId)
  const nudged = await services.advancer.nudge(found, DESCRIBE_PATIENCE_MS)
  const order = nudged ? await loadOrder(services, accountId, orderId) : found
  const description = await describe(services, order, await keyReadingOf(services, context, order))
  if (description.stage === 'issued' && description.privateKeyPem !== undefined)
    await recordReading(services, context, description.certificateId)
  return description
}

/** Asks for the permission only where there is a certificate. */
async function keyReadingOf(services: DescribeServices, context: RequestContext, order: OrderRow): Promise<KeyReading> {
  return order.certificate_id === null ? 'withKey' : await mayReadKey(services, context, order.certificate_id)
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
  const found = await loadOrder(services, accountId, orderId)
  const nudged = await services.advancer.nudge(found, CHECK_PATIENCE_MS)
  const order = nudged ? await loadOrder(services, accountId, orderId) : found
  // Attempts of an earlier application of the order say nothing about this one.
  const [lastAttempt] = order.attempts === 0 ? [] : await listValidationAttempts(services.db.read, orderId, 1)
  const authorizations = await listAuthorizations(services.db.read, orderId)
  return {
    description: await describe(services, order, 'withoutKey'),
    attempts: order.attempts,
    proven: authorizations.length > 0 && authorizations.every(({ validated_at }) => validated_at !== null),
    lastAttempt,
    nextAttemptAt: order.state === 'validating' ? order.run_at : null,
    failure: failureOf(order),
  }
}

function failureOf({ failure }: Pick<OrderRow, 'failure'>): OrderFailure | undefined {
  // Stored by the service itself.
  return failure === null ? undefined : (JSON.parse(failure) as OrderFailure)
}

async function describe(services: DescribeServices, order: OrderRow, key: KeyReading): Promise<OrderDescription> {
  switch (order.state) {
    case 'validating':
      return await describeProof(services, order)
    case 'ready':
    case 'reviewing':
    case 'issuing':
      return { stage: 'processing' }
    case 'failed':
      return { stage: 'failed', failure: failureOf(order) }
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
  const thumbprint = order.acme_account_id === null ? undefined : await findThumbprint(db.read, order.acme_account_id)
  // Each round looks at every name that is open.
  const attempts = order.attempts === 0 ? [] : await listValidationAttempts(db.read, order.id, authorizations.length)
  return {
    stage: 'proving',
    next: instructProof(open, thumbprint),
    names: authorizations.map((authorization) => ({
      name: authorization.identifier,
      proven: authorization.validated_at !== null,
      instruction: instructProof(authorization, thumbprint),
      publishAt: publishAtOf(authorization, attempts),
    })),
    recordForm: settings.recordDomain,
  }
}

async function describeCertificate(services: DescribeServices, order: OrderRow, key: KeyReading): Promise<OrderDescription> {
  if (order.certificate_id === null) throw new Error(`the issued order ${order.id} has no certificate`)
  const { holdsKey, ...content } = await readIssuedContent(services, order.account_id, order.certificate_id, key)
  return {
    stage: 'issued',
    certificateId: order.certificate_id,
    resource: resourceNameOf(order),
    ...content,
    keyWithheld: holdsKey && content.privateKeyPem === undefined,
  }
}
