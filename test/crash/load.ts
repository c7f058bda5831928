import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Application, Book } from './book.ts'
import { apply, audit, buy, fetchCrl, look, revoke, type Surroundings } from './client-steps.ts'

const APPLICATIONS_A_LIFE = 6
const LOOKERS = 3

/**
 * Lets clients work on a service until the signal says that it is dead.
 *
 * @param options.first done once, beside the rest
 */
export async function runLoad(
  at: Surroundings,
  options: { signal: AbortSignal; issuerId: string; first: () => Promise<void> },
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
    book.purchases.set(token, { count: 1, planId: undefined })
    return buy(at, token)
  })
  const revokeNow = async (): Promise<void> => {
    await sleep(100)
    const issued = book.applications.find(({ certificateId, revocation }) => certificateId !== undefined && revocation === 'none')
    if (issued !== undefined) await revoke(at, issued)
  }
  const lookNow = async (): Promise<void> => {
    const application = nextToLookAt(book)
    if (application === undefined) await sleep(20)
    else await look(at, application)
  }
  await Promise.all([
    repeat(signal, once(options.first)),
    repeat(signal, applyAnew),
    repeat(signal, applyAnew),
    repeat(signal, buyOnce),
    repeat(signal, revokeNow),
    ...Array.from({ length: LOOKERS }, () => repeat(signal, lookNow)),
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
    if (application.orderId === undefined || Math.random() < 0.02) await apply(at, application)
  }
  for (const [token, { planId }] of book.purchases) if (planId === undefined || Math.random() < 0.02) await buy(at, token)
  for (const application of book.applications) if (application.revocation === 'asked') await revoke(at, application)
}

/** Looks at all orders until each has its certificate. */
export async function finishAll(at: Surroundings, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs
  while (at.book.applications.some(isOpen)) {
    const application = nextToLookAt(at.book)
    if (application === undefined) await sleep(20)
    else await look(at, application)
    if (performance.now() > end) throw new Error(`${at.book.applications.filter(isOpen).length} orders have not reached an end`)
  }
}

function isOpen({ orderId, certificateId }: Application): boolean {
  return orderId !== undefined && certificateId === undefined
}

/** The open order that has waited longest, claimed for one looker. */
function nextToLookAt(book: Book): Application | undefined {
  const now = performance.now()
  const application = book.applications
    .filter((application) => isOpen(application) && application.nextLookAt <= now)
    .sort((a, b) => a.nextLookAt - b.nextLookAt)[0]
  if (application !== undefined) application.nextLookAt = now + 2_000
  return application
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
