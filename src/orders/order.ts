import type { OrderState } from '../storage/schema.ts'

/** Which moves exist. Nothing else changes a state. */
const moves = {
  draft: ['validating', 'withdrawn', 'deleted'],
  validating: ['ready', 'failed', 'withdrawn'],
  ready: ['reviewing', 'failed', 'withdrawn'],
  reviewing: ['issuing', 'failed', 'withdrawn'],
  // From the intent on there is no way back.
  issuing: ['issued'],
  issued: ['revoked'],
  revoked: [],
  failed: ['deleted'],
  withdrawn: ['draft', 'deleted'],
  deleted: [],
} as const satisfies Record<OrderState, readonly OrderState[]>

/**
 * Holds a chain of moves against the table, before a write that passes through all of them in one commit.
 *
 * @throws Error (a bug) if one of them does not exist
 */
export function assertMoves(from: OrderState, ...path: readonly OrderState[]): void {
  let state = from
  for (const next of path) {
    if (!canMove(state, next)) throw new Error(`an order does not go from ${state} to ${next}`)
    state = next
  }
}

/** Whether a single move exists. */
export function canMove(from: OrderState, to: OrderState): boolean {
  return (moves[from] as readonly OrderState[]).includes(to)
}

/** Validation data can be used for so long; then the order fails. */
export const VALIDATION_LIFETIME_MS = 30 * 86_400_000

/** A certificate is about to expire, and can be renewed, so long before its end, ms. */
export const ABOUT_TO_EXPIRE_MS = 30 * 86_400_000

/** No order is tried more often, whoever asks. */
export const MOST_ATTEMPTS = 200

const FIRST_ATTEMPTS = 5
const FIRST_SPACING_MS = 1_000
const SPACING_MS = 10_000
const LONGEST_DELAY_MS = 6 * 3_600_000

/** What the timing rules look at. */
export interface AttemptHistory {
  readonly attempts: number
  readonly lastAttemptAt: number | null
}

/** From when on the order may be tried, ms: the first five attempts are 1 s apart, all later ones 10 s. */
export function earliestAttempt({ attempts, lastAttemptAt }: AttemptHistory): number {
  if (lastAttemptAt === null) return 0
  return lastAttemptAt + (attempts < FIRST_ATTEMPTS ? FIRST_SPACING_MS : SPACING_MS)
}

/**
 * How long the runner waits before it tries by itself, ms: doubling from 1 s to 6 h, a fifth up or down.
 *
 * @param attempts attempts made so far
 * @param random a number from 0 up to 1
 */
export function backOff(attempts: number, random: number): number {
  const delay = Math.min(FIRST_SPACING_MS * 2 ** Math.min(attempts, 40), LONGEST_DELAY_MS)
  return Math.max(FIRST_SPACING_MS, Math.round(delay * (0.8 + 0.4 * random)))
}

/** Why an order failed, as stored with it. */
export interface OrderFailure {
  readonly reason: 'validationExpired' | 'tooManyAttempts' | 'reviewRejected' | 'acmeOrderLost'
  readonly message: string
}

/** The failure of an order that cannot be validated any more; undefined while it can. */
export function validationOver(order: { attempts: number; validationEndsAt: number }, now: number): OrderFailure | undefined {
  if (now >= order.validationEndsAt) {
    return { reason: 'validationExpired', message: 'Control of the domain was not proven within 30 days of the application.' }
  }
  if (order.attempts >= MOST_ATTEMPTS) {
    return { reason: 'tooManyAttempts', message: `Control of the domain was not proven in ${MOST_ATTEMPTS} attempts.` }
  }
  return undefined
}
