import { Problem, type ProblemName, type ProblemParams } from '../problem.ts'
import { ConstraintError, type ConstraintKind } from './errors.ts'
import type { StatementResult, Tx, WriteList } from './write.ts'
import { insertText } from './statements.ts'

/** One write of a group: plain data, so that it can cross to a worker thread. */
export interface Member {
  readonly name: string
  readonly input: unknown
}

/** What became of one member. Plain data too. */
export type Outcome =
  | { readonly kind: 'done'; readonly value: unknown; readonly channels: readonly string[] }
  | { readonly kind: 'problem'; readonly problem: ProblemName; readonly params: ProblemParams }
  | { readonly kind: 'constraint'; readonly constraintKind: ConstraintKind; readonly constraint: string }
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string }

/** Runs one statement on an engine's connection. */
export type Execute = (sql: string, params: readonly unknown[]) => Promise<StatementResult>

/**
 * Starts one member: when this returns, all its statements are under way, and the promise tells its outcome.
 * An engine error of any of its statements is the member's outcome, whatever the function makes of it; of several the first
 * that `isConsequence` does not recognise as the consequence of another counts.
 */
export function startMember(
  writes: WriteList,
  member: Member,
  execute: Execute,
  isConsequence: (error: unknown) => boolean,
): Promise<{ outcome: Outcome; engineError?: unknown }> {
  const write = writes[member.name]
  if (write === undefined) return Promise.resolve({ outcome: { kind: 'bug', message: `no write is called ${member.name}` } })
  const channels: string[] = []
  const statements: Promise<StatementResult>[] = []
  let open = true

  function run(sql: string, params: readonly unknown[]): Promise<StatementResult> {
    if (!open) return Promise.reject(new Error(`the write ${member.name} issued a statement after its first await`))
    const result = execute(sql, params)
    statements.push(result)
    // The outcome is read from `statements` below; a function that does not await one of them must not end the process.
    result.catch(() => {})
    return result
  }

  const tx: Tx = {
    run,
    insert: (table, row) => run(insertText(table, Object.keys(row)), Object.values(row)),
    notify: (channel) => void channels.push(channel),
  }
  const value = start(() => write.run(tx, member.input as never))
  open = false
  return settle(value, statements, isConsequence, channels)
}

// A write that throws before its first await throws synchronously only if it is not an async function: both are treated alike.
function start(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return run()
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error('a write threw something that is no error'))
  }
}

async function settle(
  value: Promise<unknown>,
  statements: readonly Promise<StatementResult>[],
  isConsequence: (error: unknown) => boolean,
  channels: readonly string[],
): Promise<{ outcome: Outcome; engineError?: unknown }> {
  // Nearly all writes succeed: only a refusal is looked at statement by statement.
  try {
    const [own] = await Promise.all([value, ...statements])
    return { outcome: { kind: 'done', value: own, channels } }
  } catch {
    return await settleRefused(value, statements, isConsequence, channels)
  }
}

async function settleRefused(
  value: Promise<unknown>,
  statements: readonly Promise<StatementResult>[],
  isConsequence: (error: unknown) => boolean,
  channels: readonly string[],
): Promise<{ outcome: Outcome; engineError?: unknown }> {
  const [own, ...results] = await Promise.allSettled([value, ...statements])
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length > 0) {
    const engineError = failures.find((reason) => !isConsequence(reason)) ?? failures[0]
    return { outcome: outcomeOf(engineError), engineError }
  }
  if (own.status === 'rejected') return { outcome: outcomeOf(own.reason) }
  return { outcome: { kind: 'done', value: own.value, channels } }
}

/** An error as plain data. */
export function outcomeOf(error: unknown): Exclude<Outcome, { kind: 'done' }> {
  if (error instanceof Problem) return { kind: 'problem', problem: error.problem, params: error.params }
  if (error instanceof ConstraintError) return { kind: 'constraint', constraintKind: error.kind, constraint: error.constraint }
  return { kind: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
