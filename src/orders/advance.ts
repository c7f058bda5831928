import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findOrderOfAnyAccount, type OrderRow } from '../storage/orders.ts'
import { stepAcmeOrder } from './acme/step-acme-order.ts'
import type { Advancer } from './advancer.ts'
import { issueOrder } from './issue.ts'
import { earliestAttempt } from './order.ts'
import { openReview } from './review.ts'
import { validateOrder } from './validate.ts'
import { waitAtMost } from './wait-at-most.ts'

/** A step that met a fault of ours is tried again after this. */
const FAULT_DELAY_MS = 30_000

type AdvanceServices = Omit<Services, 'advancer' | 'challenger'>

export function createAdvancer(services: AdvanceServices): Advancer {
  const running = new Map<number, Promise<void>>()
  const stopping = new AbortController()

  function advance(orderId: number, signal: AbortSignal): Promise<void> {
    let run = running.get(orderId)
    if (run === undefined) {
      run = runSteps(services, orderId, AbortSignal.any([signal, stopping.signal])).finally(() => running.delete(orderId))
      running.set(orderId, run)
    }
    return run
  }

  return {
    advance,
    async nudge(order, patienceMs) {
      if (order.state !== 'validating' && order.state !== 'ready' && order.state !== 'issuing') return false
      const joined = running.get(order.id)
      if (joined === undefined && earliestNudge(order) > services.clock()) return false
      await waitAtMost(patienceMs, joined ?? advance(order.id, AbortSignal.timeout(STEP_TIMEOUT_MS)))
      return true
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(running.values())
    },
  }
}

/** A door may go before the runner's time while the applicant proves; a fault of ours is waited out by all alike. */
function earliestNudge(order: Pick<OrderRow, 'state' | 'attempts' | 'last_attempt_at' | 'run_at'>): number {
  if (order.state !== 'validating') return order.run_at ?? 0
  return earliestAttempt({ attempts: order.attempts, lastAttemptAt: order.last_attempt_at })
}

/** A step that nobody leased ends after this, ms. */
const STEP_TIMEOUT_MS = 30_000

async function runSteps(services: AdvanceServices, orderId: number, signal: AbortSignal): Promise<void> {
  let order: OrderRow | undefined
  try {
    for (let goesOn = true; goesOn;) {
      order = await findOrderOfAnyAccount(services.db.read, orderId)
      goesOn = order !== undefined && (await step(services, order, signal))
    }
  } catch (error) {
    await leaveForLater(services, orderId, order, signal, error)
  }
}

/** One step of one order; true if another can follow at once. */
async function step(services: AdvanceServices, order: OrderRow, signal: AbortSignal): Promise<boolean> {
  switch (order.state) {
    case 'validating':
      if (order.acme_account_id !== null) return await leaveToClient(services, order)
      return (await waitsForSpacing(services, order)) ? false : await validateOrder(services, order, signal)
    case 'ready':
      if (order.acme_account_id !== null) return await leaveToClient(services, order)
      await reviewOrIssue(services, order)
      return false
    case 'issuing':
      await issueOrder(services, order)
      return false
    case 'draft':
    case 'reviewing':
    case 'issued':
    case 'revoked':
    case 'failed':
    case 'withdrawn':
    case 'deleted':
      return false
  }
}

/** Challenges and CSR of an order of the ACME door are its client's affair. */
async function leaveToClient(services: AdvanceServices, order: OrderRow): Promise<false> {
  await stepAcmeOrder(services, order)
  return false
}

/** DV is decided by policy; people decide about an organization. */
async function reviewOrIssue(services: AdvanceServices, order: OrderRow): Promise<void> {
  if (order.level === 'DV') await issueOrder(services, order)
  else await openReview(services, order, order.level)
}

/** An order that was looked at too soon stays away from the runner until it may be tried again. */
async function waitsForSpacing({ db, clock }: AdvanceServices, order: OrderRow): Promise<boolean> {
  const earliest = earliestAttempt({ attempts: order.attempts, lastAttemptAt: order.last_attempt_at })
  if (earliest <= clock()) return false
  await db.write.postponeOrder({ orderId: order.id, rev: order.rev, runAt: earliest })
  return true
}

async function leaveForLater(
  services: AdvanceServices,
  orderId: number,
  order: OrderRow | undefined,
  signal: AbortSignal,
  error: unknown,
): Promise<void> {
  // Another step of the same order was first: its result counts, ours is discarded.
  if (error instanceof Problem && error.problem === 'moved') return
  // Stopping or out of time: the order stays due.
  if (signal.aborted) return
  services.log.error({ orderId, err: error }, 'a step of an order failed')
  if (order === undefined) return
  const runAt = services.clock() + FAULT_DELAY_MS
  await services.db.write.postponeOrder({ orderId, rev: order.rev, runAt }).catch((second: unknown) => {
    services.log.error({ orderId, err: second }, 'an order could not be postponed')
  })
}
