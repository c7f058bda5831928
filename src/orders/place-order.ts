import type { RequestContext } from '../gateway/caller.ts'
import { type KeyAlgorithm, parseKeyAlgorithm } from '../keys/key-pair.ts'
import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { clientTokenOf, withClientToken } from '../storage/client-tokens.ts'
import { findLatestContact } from '../storage/contacts.ts'
import { parseApplicant } from './applicant.ts'
import { type ApplicantCsr, parseApplicantCsr } from './applicant-csr.ts'
import { joinCommonName } from './asked-names.ts'
import { assertNotBlocked } from './blocked-key.ts'
import { parseCommonName } from './common-name.ts'
import { type ParsedDomain, parseDomainName, parseDomainNames } from './domain-name.ts'
import { findOrganization } from './organization.ts'
import { assertProvable, type ProofMethod } from './proof-method.ts'
import { reserveOrder } from './reserve-order.ts'
import type { ReuseServices } from './reusable-proofs.ts'
import { KEY_LENGTH, LONG_KEY_LENGTH, parseTags, type Tag } from './tags.ts'

/** An application for one certificate, as a door hands it in: texts are still the caller's. */
export interface OrderRequest {
  readonly context: RequestContext
  readonly productCode: string
  /** `DV`: the operation serves DV products only. */
  readonly levels: 'DV' | 'any'
  /** How many names the operation takes in `domain`. */
  readonly names: 'one' | 'several'
  /** One name, or several separated by commas; may be absent if there is a CSR. */
  readonly domain: string | undefined
  /** PEM; its CN counts more than `domain`. Without it the service makes the key. */
  readonly csr: string | undefined
  readonly method: ProofMethod
  /** What is absent comes from the latest contact. */
  readonly applicant: { readonly username?: string | undefined; readonly phone?: string | undefined; readonly email?: string | undefined }
  /** Of OV and EV orders: the name of a company profile; absent: the latest. */
  readonly companyName?: string | undefined
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  /** Of the key that the service makes; not beside a CSR. */
  readonly keyAlgorithm: string | undefined
  readonly clientToken: string | undefined
}

export type PlaceOrderServices = ReuseServices & Pick<Services, 'catalogue' | 'clock' | 'randomBytes' | 'random'>

/**
 * Checks an application and places the order: one unit of a plan is reserved, and proof of control can be given at once. Names that were
 * proven before are not proven again; an order of such names alone goes on at once.
 *
 * @returns the order's id
 * @throws Problem invalidParameter, missingParameter, productLevelDenied, csrUsed, notFoundPackage, notRemainCount,
 *   idempotentParameterMismatch, callerInactive
 */
export async function placeOrder(services: PlaceOrderServices, request: OrderRequest): Promise<{ orderId: number }> {
  const { context } = request
  const { accountId } = context.caller
  const product = findProduct(services, request)
  const csr = request.csr === undefined ? undefined : await parseApplicantCsr(request.csr)
  const domains = readNames(request, csr, product)
  for (const domain of domains) assertProvable(domain, request.method)
  const names = domains.map(({ name }) => name)
  const tags = parseTags(request.tags, { list: 'Tags', keyLength: csr === undefined ? KEY_LENGTH : LONG_KEY_LENGTH })
  const keyAlgorithm = chooseKeyAlgorithm(request.keyAlgorithm, product, csr)
  const now = services.clock()
  const token = clientTokenOf(context, request.clientToken, inputOf(request, { product, names, tags, keyAlgorithm, csr }), now)

  return await withClientToken(services.db, token, async () => {
    if (csr !== undefined) await assertNotBlocked(services, csr)
    const applicant = await completeApplicant(services, request)
    const organization =
      product.level === 'DV' ? undefined : await findOrganization(services, accountId, { name: request.companyName, level: product.level })
    const orderId = await services.db.nextId('orders')
    await reserveOrder(services, {
      context,
      orderId,
      product,
      names,
      method: request.method,
      applicant,
      organization,
      tags,
      keyAlgorithm,
      csr,
      renewal: undefined,
      submitted: true,
      resourceGroup: null,
      now,
      token,
    })
    return { orderId }
  })
}

/** What makes two applications the same: what was asked for, because contact and company may have changed meanwhile. */
function inputOf(
  { method, applicant, companyName }: OrderRequest,
  asked: {
    readonly product: Product
    readonly names: readonly string[]
    readonly tags: readonly Tag[]
    readonly keyAlgorithm: KeyAlgorithm
    readonly csr: ApplicantCsr | undefined
  },
): unknown {
  const { username, phone, email } = applicant
  return [
    asked.product.code,
    asked.names,
    method,
    username,
    phone,
    email,
    companyName,
    asked.tags,
    asked.keyAlgorithm,
    asked.csr?.spkiSha256,
  ]
}

function findProduct({ catalogue }: Pick<Services, 'catalogue'>, request: OrderRequest): Product {
  const product = catalogue.find(request.productCode)
  if (product === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
  if (request.levels === 'DV' && product.level !== 'DV') {
    throw new Problem('productLevelDenied', { P: product.code, level: product.level })
  }
  if (request.csr === undefined && !product.custodyKeys) {
    throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'The service makes no keys for this product; give a CSR of your own.' })
  }
  return product
}

/** The CN of a CSR is the first name; other names come from `Domain`, if that names the CN too. */
function readNames({ names, domain }: OrderRequest, csr: ApplicantCsr | undefined, product: Product): readonly ParsedDomain[] {
  const given = domain === undefined || domain === '' ? undefined : parseGiven(domain, names, product)
  if (csr === undefined) {
    if (given === undefined) throw new Problem('missingParameter', { P: 'Domain' })
    return given
  }
  const common = parseCommonName(csr, product)
  const byName = new Map([...(given ?? []), common].map((parsed) => [parsed.name, parsed]))
  const joined = joinCommonName(common.name, given?.map(({ name }) => name) ?? [])
  return joined.flatMap((name) => byName.get(name) ?? [])
}

function parseGiven(domain: string, names: 'one' | 'several', product: Product): readonly ParsedDomain[] {
  return names === 'one' ? [parseDomainName(domain, product)] : parseDomainNames(domain, product)
}

async function completeApplicant({ db }: Pick<Services, 'db'>, { applicant, context }: OrderRequest): Promise<string> {
  const { username, phone, email } = applicant
  const contact = username && phone && email ? undefined : await findLatestContact(db.read, context.caller.accountId)
  return JSON.stringify(
    parseApplicant({ username: username || contact?.name, phone: phone || contact?.mobile, email: email || contact?.email }),
  )
}

function chooseKeyAlgorithm(asked: string | undefined, product: Product, csr: ApplicantCsr | undefined): KeyAlgorithm {
  if (asked === undefined) return csr?.keyAlgorithm ?? product.keyAlgorithm
  if (csr !== undefined) throw new Problem('invalidParameter', { P: 'KeyAlgorithm', rule: 'The key is the one of the CSR.' })
  const algorithm = parseKeyAlgorithm(asked)
  if (algorithm === undefined) {
    throw new Problem('invalidParameter', { P: 'KeyAlgorithm', rule: 'RSA_2048, RSA_3072, RSA_4096, ECC_256 or ECC_384 is needed.' })
  }
  return algorithm
}
