import { isIP } from 'node:net'
import type { Product } from '../plans/products.ts'
import { type KeyAlgorithm, type KeyPair, parseKeyAlgorithm } from '../keys/key-pair.ts'
import { destructionTime } from '../keys/retention.ts'
import type { Services } from '../services.ts'
import type { WritingCaller } from '../storage/accounts.ts'
import type { CustodyKey } from '../storage/issuance.ts'
import { findInstance, type OrderRow } from '../storage/orders.ts'
import { parseCertificationRequest } from '../x509/csr.ts'
import { hashSpki, parseSpki } from '../x509/spki.ts'
import type { ApplicantCsr } from './applicant-csr.ts'
import { factsOfSigned } from './certificate-card.ts'
import { findHeldKey } from './held-key.ts'
import { assertMoves } from './order.ts'
import { namesOf } from './order-names.ts'
import { subjectOf } from './organization.ts'
import { assertApproved } from './review.ts'
import { instanceName, resourceNameOf } from './wire-names.ts'

type IssueServices = Pick<Services, 'db' | 'clock' | 'catalogue' | 'sealer' | 'authority' | 'settings' | 'keyPool'>

/** What issuance asks of an order. */
export type IssuableOrder = Pick<
  OrderRow,
  | 'id'
  | 'account_id'
  | 'instance_id'
  | 'product_code'
  | 'state'
  | 'rev'
  | 'level'
  | 'applied_by'
  | 'domain'
  | 'names'
  | 'key_algorithm'
  | 'csr'
  | 'organization'
  | 'lineage_id'
  | 'resource_group'
  | 'units'
> & {
  /** Of its instance, if it was read with the order. */
  readonly plan_id?: number
}

/** What the ACME door brings to an order when it is finalized. */
export interface IssuanceWish {
  readonly csr?: Pick<ApplicantCsr, 'der' | 'spkiDer'>
  /** Instants that the order asks for, ms. */
  readonly notBefore?: number | null
  readonly notAfter?: number | null
  /** Whoever asks has to be active still. */
  readonly caller?: WritingCaller
}

/**
 * Makes the key, unless the applicant gave a CSR, and has the CA sign: names, validity and usages come from the order and its product alone.
 * The key is dropped unless the write that stores its certificate wins.
 *
 * @returns the certificate's id
 */
export async function issueOrder(services: IssueServices, order: IssuableOrder, wish: IssuanceWish = {}): Promise<number> {
  const { db, authority } = services
  // DV is reviewed by policy, which the checks at the door already applied; one commit passes through all states.
  if (order.state === 'ready') assertMoves(order.state, 'reviewing', 'issuing', 'issued')
  else assertMoves(order.state, 'issued')
  await assertApproved(services, order)
  const product = services.catalogue.find(order.product_code)
  if (product === undefined) throw new Error(`the product ${order.product_code} is no longer in the catalogue`)
  const planId = order.plan_id ?? (await findPlanOf(services, order))
  const certificateId = await db.nextId('certificates')
  const names = separateNames(namesOf(order))
  const pair = await takeKey(services, order, product, wish)
  try {
    const intent = await authority.prepare({
      spkiDer: pair.spkiDer,
      ...names,
      notBefore: wish.notBefore ?? undefined,
      notAfter: wish.notAfter ?? undefined,
      validityDays: product.validityDays,
      certificateId,
      subject: subjectOf(order),
      emulator: services.settings.emulator,
    })
    const der = await authority.sign(intent)
    await db.write.issueCertificate({
      orderId: order.id,
      accountId: order.account_id,
      rev: order.rev,
      state: order.state === 'ready' ? 'ready' : 'issuing',
      planId,
      instanceId: order.instance_id,
      units: order.units,
      csr: wish.csr?.der ?? null,
      caller: wish.caller ?? null,
      certificateId,
      ledgerEntryId: await db.nextId('ledger_entries'),
      eventId: await db.nextId('events'),
      now: services.clock(),
      issuerId: intent.issuerId,
      serial: intent.serial,
      tbs: intent.tbsDer,
      der,
      notBefore: intent.notBefore,
      notAfter: intent.notAfter,
      crlShard: intent.crlShard,
      key: pair.algorithm === undefined ? null : await keepKey(services, order.account_id, pair, intent.notAfter),
      facts: factsOfSigned(authority, {
        der,
        intent,
        names: [...names.dnsNames, ...names.ipAddresses],
        key: parseSpki(pair.spkiDer).kind,
      }),
      instance: instanceName(order),
      resource: resourceNameOf(order),
      resourceGroup: order.resource_group,
      free: product.free,
    })
    return certificateId
  } finally {
    pair.pkcs8Der?.fill(0)
  }
}

async function findPlanOf({ db }: Pick<Services, 'db'>, order: IssuableOrder): Promise<number> {
  const instance = await findInstance(db.read, order.instance_id)
  if (instance === undefined) throw new Error(`the order ${order.id} has no instance`)
  return instance.plan_id
}

function separateNames(names: readonly string[]): { dnsNames: readonly string[]; ipAddresses: readonly string[] } {
  const ipAddresses = names.filter((name) => isIP(name) !== 0)
  return { dnsNames: ipAddresses.length === 0 ? names : names.filter((name) => !ipAddresses.includes(name)), ipAddresses }
}

/** The key to be certified; with the private part and its algorithm if the service holds it. */
type OrderKey =
  | ({ readonly algorithm: KeyAlgorithm } & KeyPair)
  | { readonly algorithm?: undefined; readonly spkiDer: Uint8Array; readonly pkcs8Der?: undefined }

async function takeKey(services: IssueServices, order: IssuableOrder, product: Product, { csr }: IssuanceWish): Promise<OrderKey> {
  if (csr !== undefined) return { spkiDer: csr.spkiDer }
  if (order.csr !== null) {
    // Read once already, when the order was placed.
    const spkiDer = parseCertificationRequest(order.csr).publicKey.der
    const held = product.custodyKeys ? await findHeldKey(services, order.account_id, spkiDer) : undefined
    return { spkiDer, ...held }
  }
  const algorithm = parseKeyAlgorithm(order.key_algorithm)
  if (algorithm === undefined) throw new Error(`the order ${order.id} has no known key algorithm`)
  return { algorithm, ...(await services.keyPool.take(algorithm)) }
}

async function keepKey(
  { db, sealer, settings }: IssueServices,
  accountId: number,
  pair: { readonly algorithm: KeyAlgorithm } & KeyPair,
  notAfter: number,
): Promise<CustodyKey> {
  const id = await db.nextId('keys')
  return {
    id,
    algorithm: pair.algorithm,
    spkiSha256: hashSpki(pair.spkiDer),
    sealed: sealer.seal(pair.pkcs8Der, { purpose: 'certificateKey', accountId, id: String(id) }),
    destroyAt: destructionTime(notAfter, settings),
  }
}
