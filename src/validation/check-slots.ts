import type { StopSignal } from './net/deadline.ts'

/** How many checks may run at the same time. */
export interface CheckLimits {
  readonly perProcess: number
  readonly perAccount: number
  readonly perTarget: number
}

/** Whom a check counts for. */
export interface CheckOwner {
  readonly accountId: number
  /** The name looked at, in lower case. */
  readonly target: string
}

export interface CheckSlots {
  /**
   * Waits for a free slot and returns the function that gives it back. Rejects with the signal's reason when that aborts first.
   * Accounts take turns; within one account the first that may run goes first.
   */
  acquire(owner: CheckOwner, signal: StopSignal): Promise<() => void>
}

interface Waiter extends CheckOwner {
  readonly start: () => void
}

/** Counts running checks in memory, and queues those beyond the limits. */
export function openCheckSlots(limits: CheckLimits): CheckSlots {
  const accounts = new Map<number, number>()
  const targets = new Map<string, number>()
  // One queue an account, in the order of their turns: an account that was served goes to the end of the map.
  const queues = new Map<number, Set<Waiter>>()
  let running = 0

  const canRun = ({ accountId, target }: CheckOwner) =>
    running < limits.perProcess && (accounts.get(accountId) ?? 0) < limits.perAccount && (targets.get(target) ?? 0) < limits.perTarget

  const occupy = ({ accountId, target }: CheckOwner): (() => void) => {
    running += 1
    change(accounts, accountId, 1)
    change(targets, target, 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      running -= 1
      change(accounts, accountId, -1)
      change(targets, target, -1)
      startWaiters()
    }
  }

  const findWaiter = (): Waiter | undefined => {
    if (running >= limits.perProcess) return undefined
    for (const [accountId, queue] of queues) {
      if ((accounts.get(accountId) ?? 0) >= limits.perAccount) continue
      for (const waiter of queue) if (canRun(waiter)) return waiter
    }
    return undefined
  }

  const startWaiters = () => {
    for (let waiter = findWaiter(); waiter !== undefined; waiter = findWaiter()) {
      leaveQueue(queues, waiter, 'served')
      waiter.start()
    }
  }

  return {
    async acquire(owner, signal) {
      signal.throwIfAborted()
      if (canRun(owner)) return occupy(owner)
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const waiter: Waiter = { ...owner, start: () => resolve(occupy(owner)) }
      const abort = () => {
        leaveQueue(queues, waiter, 'gone')
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      joinQueue(queues, waiter)
      return promise.finally(() => signal.removeEventListener('abort', abort))
    },
  }
}

function joinQueue(queues: Map<number, Set<Waiter>>, waiter: Waiter): void {
  const queue = queues.get(waiter.accountId)
  if (queue === undefined) queues.set(waiter.accountId, new Set([waiter]))
  else queue.add(waiter)
}

function leaveQueue(queues: Map<number, Set<Waiter>>, waiter: Waiter, why: 'served' | 'gone'): void {
  const queue = queues.get(waiter.accountId)
  if (queue === undefined) return
  queue.delete(waiter)
  if (why === 'served' || queue.size === 0) queues.delete(waiter.accountId)
  if (why === 'served' && queue.size > 0) queues.set(waiter.accountId, queue)
}

function change<K>(counts: Map<K, number>, key: K, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
