import { Problem } from '../problem.ts'
import type { RequestFacts } from '../gateway/request-facts.ts'
import type { Services } from '../services.ts'
import type { NewCallEvent } from './store-call-events.tx.ts'

/** Puts calls on record that no write of their own does: what was read, refused or failed. */
export interface CallRecorder {
  record(facts: RequestFacts): void
  flush(): Promise<void>
  stop(): Promise<void>
}

/** A call on its way; it has an id from the first attempt on. */
interface WaitingCall {
  id: number | undefined
  readonly isKnown: boolean
  readonly event: Omit<NewCallEvent, 'id'>
}

const FLUSH_MS = 1_000
const MOST_WAITING = 10_000
/** Of calls that nobody is known to have made: somebody who tries keys must not fill the trail. */
const MOST_UNKNOWN = 100
/** So many keep the write short. */
const BATCH = 200

/**
 * Calls wait in memory for at most a second, longer while the database does not answer, and bounded: what is beyond is counted, and the count put
 * on record. A crash loses what waits.
 */
export function openCallRecorder(services: Pick<Services, 'db' | 'clock' | 'log' | 'operatorAccountId'>): CallRecorder {
  const { db, clock, log, operatorAccountId } = services
  let waiting: WaitingCall[] = []
  let unknown = 0
  let lost = 0
  let running = Promise.resolve()
  let isFlushing = false

  function takeOut(batch: readonly WaitingCall[]): void {
    waiting = waiting.slice(batch.length)
    unknown -= batch.filter(({ isKnown }) => !isKnown).length
  }

  async function storeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      try {
        for (const call of batch) call.id ??= await db.nextId('events')
        await db.write.storeCallEvents({ events: batch.map(({ id = 0, event }) => ({ ...event, id })) })
      } catch (error) {
        // It may have been written: it waits on and is written again, under the ids that it has.
        if (error instanceof Problem && error.problem === 'serviceUnavailable') throw error
        takeOut(batch)
        lost += batch.length
        throw error
      }
      takeOut(batch)
    }
    const count = lost
    if (count === 0) return
    await db.write.storeLostCalls({ id: await db.nextId('events'), accountId: operatorAccountId, at: clock(), count })
    lost -= count
  }

  function flush(): Promise<void> {
    running = running.catch(() => undefined).then(storeWaiting)
    return running
  }

  const timer = setInterval(() => {
    if (isFlushing) return
    isFlushing = true
    flush()
      .catch((error: unknown) => log.warn({ err: error }, 'calls could not be put on record'))
      .finally(() => {
        isFlushing = false
      })
  }, FLUSH_MS)
  timer.unref()

  return {
    record(facts) {
      if (leavesItsOwnEvent(facts)) return
      const isKnown = facts.context !== undefined
      if (waiting.length >= MOST_WAITING || (!isKnown && unknown >= MOST_UNKNOWN)) {
        lost += 1
        return
      }
      if (!isKnown) unknown += 1
      waiting.push({ id: undefined, isKnown, event: toEvent(facts, clock(), operatorAccountId) })
    },
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}

/** Changes write their event in their own commit; a test holds every action to it. */
function leavesItsOwnEvent({ code, action }: RequestFacts): boolean {
  return code === 'OK' && action !== undefined && action.access !== 'get' && action.access !== 'list'
}

function toEvent(facts: RequestFacts, at: number, operatorAccountId: number): Omit<NewCallEvent, 'id'> {
  const { action, context, code, requestId, sourceIp } = facts
  const accountId = context?.caller.accountId ?? 0
  return {
    // Calls that belong to no account are the operator's to see.
    accountId: accountId === 0 ? operatorAccountId : accountId,
    at,
    principal: context?.caller.principal ?? 'unknown',
    accessKeyId: context?.caller.accessKeyId ?? null,
    action: action?.name ?? 'unknown',
    sourceIp: sourceIp === '' ? null : sourceIp,
    requestId,
    resource: resourceOf(facts),
    decision: decisionOf(facts),
    code,
  }
}

/**
 * What the call was about. Resources are made of what the client sent: numbers are kept, names only of calls that were served or refused by
 * permission, so that a secret in the wrong place stays out of the trail.
 */
function resourceOf({ resources = [], code }: RequestFacts): string {
  const isMeant = code === 'OK' || code === 'NoPermission'
  const kept = resources.slice(0, 20).filter((one) => /^[a-z]{1,20}\/[0-9]{1,16}$/.test(one) || (isMeant && isName(one)))
  return kept.join(',') || '*'
}

function isName(resource: string): boolean {
  return /^[a-z-]{1,20}\/[A-Za-z0-9._@*-]{1,128}$/.test(resource)
}

/** Whether permission was given, as far as it was asked. */
function decisionOf({ context, code }: RequestFacts): 'Allow' | 'Deny' | null {
  if (code === 'NoPermission') return 'Deny'
  return context === undefined || code === 'Throttling.User' || code === 'SignatureNonceUsed' ? null : 'Allow'
}
