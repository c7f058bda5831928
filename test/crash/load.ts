import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { turnAcme } from './acme-steps.ts'
import { isOpen } from './book.ts'
import { audit, buy, fetchCrl, revoke, type Surroundings } from './client-steps.ts'
import { markNext } from './marks.ts'
import { apply, look } from './order-steps.ts'
import { settleThings, turnThings } from './things.ts'

const APPLICATIONS_A_LIFE = 8
const LOOKERS = 4
const ACME_CLIENTS = 2

/**
 * Lets clients work on a service until the signal says that it is dead.
 *
 * @param options.first done once, beside the rest
 * @param options.later done once, after a second
 */
export async function runLoad(
  at: Surroundings,
  options: { signal: AbortSignal; issuerId: string; first: () => Promise<void>; later: () => Promise<void> },
): Promise<void> {
  const { signal } = options
  const { book } = at
  let left = APPLICATIONS_A_LIFE
  const applyAnew = async (): Promise<void> => {
    await sleep(Math.random() * 60)
    if (left-- > 0) await apply(at, book.apply())
    else await sleep(50)
  }
  const buyOnce = once(() => {
    const token = randomUUID()
    book.purchases.set(token, { productCode: 'digicert-free-1-free', count: 1, planId: undefined })
    return buy(at, token)
  })
  const revokeNow = async (): Promise<void> => {
    await sleep(100)
    const issued = book.applications.find(
      ({ aim, certificateId, revocation }) => aim === 'issue' && certificateId !== undefined && revocation === 'none',
    )
    if (issued !== undefined) await revoke(at, issued)
  }
  const lookNow = async (): Promise<void> => {
    if (!(await lookAtNext(at))) await sleep(20)
  }
  await Promise.all([
    repeat(signal, once(options.first)),
    repeat(
      signal,
      once(async () => {
        await sleep(1_000)
        await options.later()
      }),
    ),
    repeat(signal, applyAnew),
    repeat(signal, applyAnew),
    repeat(signal, buyOnce),
    repeat(signal, revokeNow),
    ...Array.from({ length: LOOKERS }, () => repeat(signal, lookNow)),
    repeat(signal, () => turnThings(at)),
    ...Array.from({ length: ACME_CLIENTS }, () =>
      repeat(signal, async () => {
        if (!(await turnAcme(at))) await sleep(20)
      }),
    ),
    repeat(signal, async () => {
      await sleep(30)
      await markNext(at)
    }),
    repeat(signal, async () => {
      await sleep(40)
      await fetchCrl(at, options.issuerId)
    }),
    repeat(signal, async () => {
      await sleep(60)
      await audit(at)
    }),
  ])
}

/** Sends again what no answer came for, and a part of what was answered. */
export async function repeatUnanswered(at: Surroundings): Promise<void> {
  const { book } = at
  for (const application of book.applications) {
    if (application.aged) continue
    if (application.orderId === undefined || Math.random() < 0.02) await apply(at, application)
  }
  for (const [token, { planId }] of book.purchases) if (planId === undefined || Math.random() < 0.02) await buy(at, token)
  for (const application of book.applications) if (application.revocation === 'asked') await revoke(at, application)
  await settleThings(at)
}

/** Looks at all orders until each has reached its end. */
export async function finishAll(at: Surroundings, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs
  while (at.book.applications.some(isOpen)) {
    if (!(await lookAtNext(at))) await sleep(20)
    if (performance.now() > end) {
      const open = at.book.applications.filter(isOpen).map(({ orderId, aim }) => `${orderId} (${aim})`)
      throw new Error(`orders that have not reached an end: ${open.join(', ')}`)
    }
  }
}

/** Looks at the open order that has waited longest; false if none waits. Nobody else is at it meanwhile. */
async function lookAtNext(at: Surroundings): Promise<boolean> {
  const now = performance.now()
  const application = at.book.applications
    .filter((application) => isOpen(application) && !application.busy && application.nextLookAt <= now)
    .sort((a, b) => a.nextLookAt - b.nextLookAt)[0]
  if (application === undefined) return false
  application.busy = true
  try {
    await look(at, application)
  } finally {
    application.busy = false
  }
  return true
}

function once(step: () => Promise<void>): () => Promise<void> {
  let done = false
  return async () => {
    if (done) return await sleep(50)
    done = true
    await step()
  }
}

/** Does a step again and again until the service is dead. A connection that breaks before is the kill; the step stays open. */
async function repeat(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await step()
    } catch (error) {
      if (!isBroken(error)) throw error
      await sleep(5)
    }
  }
}

function isBroken(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'HPE_INVALID_EOF_STATE'].includes(String(error.code))
  )
}
