import { backOff, earliestAttempt } from '../../src/orders/order.ts'
import { dayMs } from '../orders/open-test-services.ts'
import type { Call, Expected, Model, ModelOrder, ModelPlan, Move } from './model-state.ts'
import type { ProductCode } from './operations.ts'

const TERM_MS = 40 * dayMs
const VALIDITY_MS = 35 * dayMs
const REFUND_MS = 7 * dayMs
const RENEWABLE_MS = 30 * dayMs
const PROOF_MS = 30 * dayMs
const TOKEN_MS = dayMs
const MOST_ATTEMPTS = 200
/** Certificates begin so long before they are signed. */
const BACKDATE_MS = 3_600_000

export const createModel = (now: number): Model => ({ now, plans: [], orders: [], tokens: new Map() })

const refused = (...problem: string[]): Expected => ({ problem })

export function apply(model: Model, call: Call): Expected {
  switch (call.action) {
    case 'PurchasePackage':
      return once(model, call, () => ({ plan: buy(model, call.product, call.units) }))
    case 'CreateCertificateRequest':
    case 'CreateCertificateWithCsrRequest':
    case 'CreateCertificateForPackageRequest':
      if (call.action !== 'CreateCertificateForPackageRequest' && isReviewed(call.product)) return refused('productLevelDenied')
      return once(model, call, () => place(model, { ...call, renews: undefined, submit: true }))
    case 'RenewCertificateOrderForPackageRequest':
      return renew(model, call)
    case 'ReviewOrder':
      return review(model, call)
    case 'DescribeCertificateState':
    case 'CheckValidation':
    case 'CancelOrderRequest':
    case 'SubmitOrder':
    case 'DeleteCertificateRequest':
    case 'CancelCertificateForPackageRequest':
      return move(model, call.action, call.order)
  }
}

/** A token gives the same answer for a day; a refusal leaves it free. */
function once(model: Model, call: Call & { readonly token: number | undefined }, perform: () => Expected): Expected {
  if (call.token === undefined) return perform()
  const { action, token, ...rest } = call
  const input = JSON.stringify('order' in rest ? { ...rest, order: rest.order?.id } : rest)
  const key = `${action} ${token}`
  const earlier = model.tokens.get(key)
  if (earlier !== undefined && earlier.until > model.now) {
    return earlier.input === input ? earlier.answer : refused('idempotentParameterMismatch')
  }
  const answer = perform()
  if (!('problem' in answer)) model.tokens.set(key, { input, answer, until: model.now + TOKEN_MS })
  return answer
}

function buy(model: Model, product: ProductCode, units: number): ModelPlan {
  const plan = { id: undefined, product, total: units, used: 0, issued: 0, refunds: 0, endsAt: model.now + TERM_MS }
  model.plans.push(plan)
  return plan
}

/** OV needs one person's approval, EV that of two; one rejection ends it. */
function review(model: Model, { order, reviewer, approve }: Extract<Call, { action: 'ReviewOrder' }>): Expected {
  if (order === undefined || order.state === 'deleted') return refused('notFoundOrder')
  if (order.state !== 'reviewing') return refused('orderStateError')
  if (!approve) {
    end(order, 'failed', 'order.failed')
    return { review: 'rejected' }
  }
  if (order.approvals.has(reviewer)) return refused('reviewerDenied')
  order.approvals.add(reviewer)
  order.events.push('review.decided')
  if (order.approvals.size < (order.product === 'model-ev' ? 2 : 1)) return { review: 'open' }
  Object.assign(order, { state: 'issuing', runAt: model.now })
  return { review: 'approved' }
}

type Placing = Pick<ModelOrder, 'product' | 'names' | 'csr' | 'renews'> & { readonly submit: boolean }

function place(model: Model, { product, names, csr, renews, submit }: Placing): Expected {
  const own = model.plans.filter((plan) => plan.product === product)
  // Bought in order, all for the same term: the one that ends first is in front.
  const plan = own.find(({ endsAt, used, total }) => endsAt > model.now && used < total)
  if (plan === undefined) return refused(own.length > 0 ? 'notRemainCount' : 'notFoundPackage')
  const faults = [
    ...(csr !== undefined && model.orders.some((other) => other.csr === csr && other.state !== 'deleted') ? ['csrUsed'] : []),
    ...(renews !== undefined &&
    model.orders.some((other) => other.renews === renews && !['deleted', 'failed', 'revoked'].includes(other.state))
      ? ['renewalExists']
      : []),
  ]
  if (faults.length > 0) return refused(...faults)
  plan.used += 1
  const order: ModelOrder = {
    id: undefined,
    product,
    names,
    csr,
    plan,
    renews,
    state: 'draft',
    submittedAt: model.now,
    attempts: 0,
    lastAttemptAt: null,
    runAt: null,
    published: new Set(),
    proven: new Set(),
    approvals: new Set(),
    issuedAt: 0,
    notAfter: 0,
    events: ['order.placed'],
    lines: ['reserve'],
  }
  if (submit) startProof(model, order)
  model.orders.push(order)
  return { order }
}

function startProof(model: Model, order: ModelOrder): void {
  Object.assign(order, {
    state: 'validating',
    submittedAt: model.now,
    attempts: 0,
    lastAttemptAt: null,
    runAt: model.now + backOff(0, 0.5),
    published: new Set(),
    proven: new Set(),
  })
}

function renew(model: Model, call: Extract<Call, { action: 'RenewCertificateOrderForPackageRequest' }>): Expected {
  const { order, csr } = call
  if (order === undefined || order.state === 'deleted') return refused('notFoundOrder')
  return once(model, call, () => {
    if (order.product === 'model-free' || order.state !== 'issued') return refused('orderStateError')
    if (model.now < order.notAfter - RENEWABLE_MS || hasExpired(model, order)) return refused('orderStateError')
    return place(model, { product: order.product, names: order.names, csr, renews: order, submit: call.submit })
  })
}

function move(model: Model, action: Move['action'], order: ModelOrder | undefined): Expected {
  if (order === undefined || order.state === 'deleted') return refused('notFoundOrder')
  const { state } = order
  switch (action) {
    case 'DescribeCertificateState':
      nudge(model, order)
      return { state: { Type: typeOf(order) } }
    case 'CheckValidation':
      nudge(model, order)
      return { state: { Type: typeOf(order), Attempts: order.attempts, Proven: order.proven.size === order.names.length } }
    case 'CancelOrderRequest':
      if (state !== 'validating' && state !== 'reviewing') return refused('orderStateError')
      end(order, 'withdrawn', 'order.withdrawn')
      return {}
    case 'SubmitOrder':
      if (state !== 'draft' && state !== 'withdrawn') return refused('orderStateError')
      startProof(model, order)
      order.events.push('order.submitted')
      return {}
    case 'DeleteCertificateRequest':
      if (state !== 'draft' && state !== 'withdrawn' && state !== 'failed') return refused('orderStateError')
      return remove(model, order)
    case 'CancelCertificateForPackageRequest':
      if (state === 'draft' || state === 'withdrawn') return remove(model, order)
      if (state === 'issued') return revoke(model, order)
      return refused(state === 'revoked' ? 'certificateRevoked' : 'orderStateError')
  }
}

function remove(model: Model, order: ModelOrder): Expected {
  end(order, 'deleted', 'order.deleted')
  giveBack(model, order)
  return {}
}

/** The second that `notAfter` names belongs to the validity. */
const hasExpired = (model: Model, order: ModelOrder): boolean => model.now >= order.notAfter + 1_000

/** Within the window the unit comes back; to a plan that lasts not more often than units were bought. */
function revoke(model: Model, order: ModelOrder): Expected {
  if (hasExpired(model, order)) return refused('orderStateError')
  end(order, 'revoked', 'certificate.revoked')
  if (model.now - order.issuedAt >= REFUND_MS) return {}
  const { plan } = order
  if (plan.endsAt > model.now) {
    if (plan.refunds === plan.total) return {}
    plan.refunds += 1
  }
  giveBack(model, order)
  return {}
}

/** A unit comes back to its plan; one of a plan that has ended is lost with it. */
function giveBack(model: Model, { plan, lines }: ModelOrder): void {
  plan.used -= 1
  lines.push('refund')
  if (plan.endsAt > model.now) return
  plan.total -= 1
  lines.push('expire')
}

function end(order: ModelOrder, state: ModelOrder['state'], event: string): void {
  order.state = state
  order.runAt = null
  order.events.push(event)
}

/** Whoever asks for an order makes the service look, if the spacing allows. */
function nudge(model: Model, order: ModelOrder): void {
  if (order.state === 'issuing' || (order.state === 'validating' && earliestAttempt(order) <= model.now)) step(model, order)
}

/** The runner comes by. */
export function runDue(model: Model): void {
  for (const order of model.orders) if (order.runAt !== null && order.runAt <= model.now) step(model, order)
}

function step(model: Model, order: ModelOrder): void {
  if (order.state === 'issuing') return issue(model, order)
  if (model.now >= order.submittedAt + PROOF_MS || order.attempts >= MOST_ATTEMPTS) return end(order, 'failed', 'order.failed')
  const fresh = [...order.published].filter((name) => !order.proven.has(name))
  for (const name of fresh) order.proven.add(name)
  if (fresh.length > 0) order.events.push('order.proven')
  order.attempts += 1
  order.lastAttemptAt = model.now
  if (order.proven.size < order.names.length) order.runAt = model.now + backOff(order.attempts, 0.5)
  else if (isReviewed(order.product)) openReview(order)
  else issue(model, order)
}

function openReview(order: ModelOrder): void {
  end(order, 'reviewing', 'review.opened')
  order.approvals.clear()
}

function issue(model: Model, order: ModelOrder): void {
  end(order, 'issued', 'order.issued')
  order.plan.issued += 1
  order.lines.push('commit')
  order.issuedAt = model.now
  order.notAfter = Math.floor((model.now - BACKDATE_MS) / 1_000) * 1_000 + VALIDITY_MS - 1_000
}

const isReviewed = (product: ProductCode): boolean => product === 'model-ov' || product === 'model-ev'

/** `Type` on the wire. */
export function typeOf({ state }: ModelOrder): string {
  switch (state) {
    case 'draft':
    case 'withdrawn':
      return 'payed'
    case 'validating':
      return 'domain_verify'
    case 'reviewing':
    case 'issuing':
      return 'process'
    case 'issued':
    case 'revoked':
      return 'certificate'
    case 'failed':
      return 'verify_fail'
    case 'deleted':
      throw new Error('a deleted order has no type')
  }
}
