import { setImmediate as nextTurn } from 'node:timers/promises'
import { constraintProblems, Problem } from '../problem.ts'
import { ConstraintError } from './errors.ts'
import type { Member, Outcome } from './group.ts'

/** A group never grows beyond this, so that a commit stays short and the savepoints fit PostgreSQL's cache of 64. */
export const GROUP_LIMIT = 64

/** So many turns of the event loop a group waits at most for more writes, */
const MOST_TURNS = 16
/** and so many that bring none: a turn of an idle process takes some microseconds. */
const EMPTY_TURNS = 2

/** What an engine does for the writer: runs one group under one commit and tells each member's outcome. */
export interface GroupRunner {
  /** One outcome for each member, in order. Rejects only if the whole group was refused. */
  runGroup(members: readonly Member[]): Promise<readonly Outcome[]>
}

/** Told what the writer does; for metrics. */
export interface WriteObserver {
  /** One group with its commit took so many ms. */
  onGroup(size: number, ms: number): void
  /** One write ended: `done`, or the kind of its refusal. */
  onWrite(name: string, outcome: string): void
}

export interface Writer {
  submit(name: string, input: unknown): Promise<unknown>
  pending(): number
  /** Resolves when nothing is queued or running; refuses new writes from now on. */
  drain(): Promise<void>
}

interface Waiting extends Member {
  resolve(value: unknown): void
  reject(reason: unknown): void
}

/**
 * One queue and one writing connection a process. Writes that arrive while a group commits form the next group: the busier
 * the process, the fewer commits a write costs.
 */
export function createWriter(
  runner: GroupRunner,
  options: { queueLimit: number; onCommit: (channels: ReadonlySet<string>) => void; observer?: WriteObserver | undefined },
): Writer {
  const queue: Waiting[] = []
  let running = 0
  let loop: Promise<void> | undefined
  let draining = false

  function submit(name: string, input: unknown): Promise<unknown> {
    if (draining || queue.length >= options.queueLimit) return Promise.reject(new Problem('serviceUnavailable'))
    return new Promise((resolve, reject) => {
      queue.push({ name, input, resolve, reject })
      loop ??= work()
    })
  }

  /** Lets the writes of requests that arrive together share a group: as long as turns of the event loop bring more, and only then. */
  async function gather(): Promise<void> {
    for (let turn = 0, empty = 0; turn < MOST_TURNS && empty < EMPTY_TURNS && queue.length < GROUP_LIMIT; turn++) {
      const known = queue.length
      await nextTurn()
      empty = queue.length > known ? 0 : empty + 1
    }
  }

  async function work(): Promise<void> {
    while (queue.length > 0) {
      await gather()
      const members = queue.splice(0, GROUP_LIMIT)
      running = members.length
      const started = performance.now()
      try {
        settle(members, await runner.runGroup(members.map(({ name, input }) => ({ name, input }))))
      } catch (error) {
        for (const member of members) member.reject(error)
      }
      options.observer?.onGroup(members.length, performance.now() - started)
      running = 0
    }
    // In the same turn as the last look at the queue: a write that comes later starts a new loop.
    loop = undefined
  }

  function settle(members: readonly Waiting[], outcomes: readonly Outcome[]): void {
    const channels = new Set<string>()
    for (const outcome of outcomes) if (outcome.kind === 'done') for (const channel of outcome.channels) channels.add(channel)
    if (channels.size > 0) options.onCommit(channels)
    members.forEach((member, index) => {
      const outcome = outcomes[index]
      options.observer?.onWrite(member.name, outcome?.kind ?? 'bug')
      if (outcome === undefined) member.reject(new Error('the engine told no outcome'))
      else if (outcome.kind === 'done') member.resolve(outcome.value)
      else member.reject(errorOf(outcome))
    })
  }

  return {
    submit,
    pending: () => queue.length + running,
    async drain() {
      draining = true
      await loop
    },
  }
}

function errorOf(outcome: Exclude<Outcome, { kind: 'done' }>): Error {
  switch (outcome.kind) {
    case 'problem':
      return new Problem(outcome.problem, outcome.params)
    case 'constraint': {
      const problem = constraintProblems[outcome.constraint]
      if (problem !== undefined) return new Problem(problem)
      return new ConstraintError(outcome.constraintKind, outcome.constraint)
    }
    case 'unavailable':
      return new Problem('serviceUnavailable', {}, { cause: outcome.message })
    case 'bug':
      return new Error(outcome.message)
  }
}
