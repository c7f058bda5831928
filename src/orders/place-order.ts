import type { Caller } from '../gateway/action.ts'
import { type KeyAlgorithm, parseKeyAlgorithm } from '../keys/key-pair.ts'
import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { type ClientToken, hashInput, withClientToken } from '../storage/client-tokens.ts'
import { hasPlan, listLivePlans } from '../storage/plans.ts'
import { dnsRecordName } from '../validation/record-name.ts'
import { makeValidationToken } from '../validation/token.ts'
import { parseApplicant } from './applicant.ts'
import { type ParsedDomain, parseDomainName } from './domain-name.ts'
import { backOff, VALIDATION_LIFETIME_MS } from './order.ts'
import { parseTags } from './tags.ts'

const DAY_MS = 86_400_000

/** An application for one DV certificate, as a door hands it in: texts are still the caller's. */
export interface OrderRequest {
  readonly caller: Caller
  readonly productCode: string
  readonly domain: string
  readonly method: 'DNS' | 'FILE'
  readonly applicant: { readonly username: string; readonly phone: string; readonly email: string }
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly keyAlgorithm: string | undefined
  readonly clientToken: string | undefined
  /** The door's name of the operation: part of the token's scope. */
  readonly action: string
  readonly sourceIp: string
  readonly requestId: string
}

type PlaceOrderServices = Pick<Services, 'db' | 'catalogue' | 'clock' | 'randomBytes' | 'random'>

/**
 * Checks an application and places the order: one unit of a plan is reserved, and proof of control can be given at once.
 *
 * @returns the order's id
 * @throws Problem invalidParameter, productLevelDenied, notFoundPackage, notRemainCount, idempotentParameterMismatch, callerInactive
 */
export async function placeOrder(services: PlaceOrderServices, request: OrderRequest): Promise<{ orderId: number }> {
  const product = findDvProduct(services, request.productCode)
  const domain = parseDomainName(request.domain, product)
  if (request.method === 'FILE' && domain.wildcard) {
    throw new Problem('invalidParameter', { P: 'ValidateType', rule: 'A wildcard name cannot be proven by FILE; use DNS.' })
  }
  if (request.method === 'DNS' && dnsRecordName(domain.name).length > 253) {
    throw new Problem('invalidParameter', { P: 'Domain', rule: 'The name is too long for a DNS record below it; use FILE.' })
  }
  const applicant = parseApplicant(request.applicant)
  const tags = parseTags(request.tags)
  const keyAlgorithm = chooseKeyAlgorithm(request.keyAlgorithm, product)
  const now = services.clock()
  const inputSha256 = hashInput([product.code, domain.name, request.method, applicant, tags, keyAlgorithm])
  const token = clientToken(request, inputSha256, now)

  return await withClientToken(services.db, token, async () => {
    const orderId = await services.db.nextId('orders')
    await reserveAndStore(services, {
      request,
      product,
      domain,
      applicant: JSON.stringify(applicant),
      tags,
      keyAlgorithm,
      now,
      token,
      orderId,
    })
    return { orderId }
  })
}

function findDvProduct({ catalogue }: Pick<Services, 'catalogue'>, productCode: string): Product {
  const product = catalogue.find(productCode)
  if (product === undefined) throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'No such product.' })
  if (product.level !== 'DV') throw new Problem('productLevelDenied', { P: product.code, level: product.level })
  if (!product.custodyKeys) {
    throw new Problem('invalidParameter', { P: 'ProductCode', rule: 'The service makes no keys for this product; give a CSR of your own.' })
  }
  return product
}

function chooseKeyAlgorithm(asked: string | undefined, product: Product): KeyAlgorithm {
  if (asked === undefined) return product.keyAlgorithm
  const algorithm = parseKeyAlgorithm(asked)
  if (algorithm === undefined) {
    throw new Problem('invalidParameter', { P: 'KeyAlgorithm', rule: 'RSA_2048, RSA_3072, RSA_4096, ECC_256 or ECC_384 is needed.' })
  }
  return algorithm
}

function clientToken(request: OrderRequest, inputSha256: string, now: number): ClientToken | undefined {
  if (request.clientToken === undefined) return undefined
  const { accountId, principal } = request.caller
  return { accountId, principal, action: request.action, token: request.clientToken, inputSha256, now }
}

interface CheckedOrder {
  readonly request: OrderRequest
  readonly product: Product
  readonly domain: ParsedDomain
  readonly applicant: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly keyAlgorithm: KeyAlgorithm
  readonly now: number
  readonly token: ClientToken | undefined
  readonly orderId: number
}

/** Takes a unit of the plan that ends first; one found empty under a race is passed over for the next. */
async function reserveAndStore(services: PlaceOrderServices, order: CheckedOrder): Promise<void> {
  const { db } = services
  const { caller } = order.request
  const plans = await listLivePlans(db.read, caller.accountId, order.product.code, order.now)
  for (const plan of plans.filter(({ used, total }) => used < total)) {
    try {
      return await store(services, order, plan)
    } catch (error) {
      if (!(error instanceof Problem) || error.problem !== 'planExhausted') throw error
    }
  }
  const everBought = plans.length > 0 || (await hasPlan(db.read, caller.accountId, order.product.code))
  throw new Problem(everBought ? 'notRemainCount' : 'notFoundPackage', { P: order.product.code })
}

async function store(services: PlaceOrderServices, order: CheckedOrder, plan: { id: number }): Promise<void> {
  const { db, randomBytes, random } = services
  const { request, product, now } = order
  await db.write.placeOrder({
    orderId: order.orderId,
    instanceId: await db.nextId('instances'),
    authorizationId: await db.nextId('authorizations'),
    ledgerEntryId: await db.nextId('ledger_entries'),
    eventId: await db.nextId('events'),
    planId: plan.id,
    accountId: request.caller.accountId,
    accessKeyId: request.caller.accessKeyId,
    principal: request.caller.principal,
    productCode: product.code,
    domain: order.domain.name,
    method: request.method,
    validationToken: makeValidationToken(now, randomBytes),
    keyAlgorithm: order.keyAlgorithm,
    applicant: order.applicant,
    tags: order.tags,
    now,
    runAt: now + backOff(0, random()),
    validationEndsAt: now + VALIDATION_LIFETIME_MS,
    instanceEndsAt: now + product.termDays * DAY_MS,
    sourceIp: request.sourceIp,
    requestId: request.requestId,
    token: order.token ?? null,
  })
}
