import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type Member, type Outcome, startMember } from '../group.ts'
import { takeIds } from '../take-ids.tx.ts'
import type { StatementResult, WriteList } from '../write.ts'
import { convertSqliteError, readIndexNames } from './constraint.ts'
import { executeStatement, type PreparedStatement } from './statement.ts'

/** What the worker is started with. */
export interface WriterWorkerData {
  readonly file: string
  /** URL of the module whose `transactions` are the writes. */
  readonly transactionsUrl: string
}

/** What the worker answers to each group. */
export type GroupReply = { readonly outcomes: readonly Outcome[] } | { readonly fatal: string }

const SQLITE_BUSY = 5

/** The transaction is gone, or the commit failed: nobody can say what the file holds. */
class GroupLostError extends Error {}

const port = parentPort
if (port === null) throw new Error('this module runs in a worker thread')
const { file, transactionsUrl } = workerData as WriterWorkerData
const { transactions } = (await import(transactionsUrl)) as { transactions: WriteList }
const writes: WriteList = { ...transactions, takeIds }
const db = openWriter(file)
const indexNames = readIndexNames(db)
const statements = new Map<string, PreparedStatement>()

port.on('message', (members: readonly Member[] | 'close') => {
  if (members === 'close') {
    db.close()
    port.close()
    return
  }
  void answer(members)
})
port.postMessage({ outcomes: [] } satisfies GroupReply)

async function answer(members: readonly Member[]): Promise<void> {
  let reply: GroupReply
  try {
    reply = { outcomes: await runGroup(members) }
  } catch (error) {
    reply = { fatal: error instanceof Error ? error.message : String(error) }
  }
  port?.postMessage(reply)
}

/**
 * Runs a group under one commit. Most groups succeed as a whole, and savepoints make the engine copy each page before its change: they come
 * into play only after a refusal, when the group is undone and runs again.
 */
async function runGroup(members: readonly Member[]): Promise<Outcome[]> {
  const busy = begin()
  if (busy !== undefined) return members.map(() => busy)
  const outcomes = await runAll(members)
  if (outcomes.some(({ kind }) => kind !== 'done')) {
    db.exec('rollback')
    const busyAgain = begin()
    if (busyAgain !== undefined) return members.map(() => busyAgain)
    outcomes.length = 0
    for (const member of members) outcomes.push(await runUnderSavepoint(member))
  }
  db.exec('commit')
  return outcomes
}

/** Up to the first refusal. */
async function runAll(members: readonly Member[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const member of members) {
    const outcome = await runMember(member)
    outcomes.push(outcome)
    if (outcome.kind !== 'done') break
  }
  return outcomes
}

async function runUnderSavepoint(member: Member): Promise<Outcome> {
  db.exec('savepoint member')
  const outcome = await runMember(member)
  if (outcome.kind !== 'done') db.exec('rollback to member')
  db.exec('release member')
  return outcome
}

/** Starts the group's transaction. Somebody else's lock (an operator's shell) is waited for, then told: nothing is lost by it. */
function begin(): Outcome | undefined {
  try {
    db.exec('begin immediate')
    return undefined
  } catch (error) {
    if (!(error instanceof Error) || !('errcode' in error) || error.errcode !== SQLITE_BUSY) throw error
    return { kind: 'unavailable', message: 'another program holds the lock of the database' }
  }
}

async function runMember(member: Member): Promise<Outcome> {
  let failed = false
  const execute = (sql: string, params: readonly unknown[]): Promise<StatementResult> => {
    // PostgreSQL refuses what follows a failed statement; so does this, for the same outcome on both engines.
    if (failed) return Promise.reject(new ConsequenceError())
    try {
      return Promise.resolve(executeStatement(db, statements, sql, params))
    } catch (error) {
      failed = true
      const converted = convertSqliteError(error, indexNames)
      return Promise.reject(converted instanceof Error ? converted : new Error(String(converted)))
    }
  }
  const { outcome } = await startMember(writes, member, execute, (error) => error instanceof ConsequenceError)
  // Some errors (a full disk, an I/O error) undo the whole transaction by themselves, the earlier members with it.
  if (!db.isTransaction) throw new GroupLostError(outcome.kind === 'bug' ? outcome.message : 'the transaction was undone by the engine')
  return outcome
}

/** Stands for the statements of a member that follow its first failed one. */
class ConsequenceError extends Error {}

function openWriter(path: string): DatabaseSync {
  const writer = new DatabaseSync(path, { timeout: 5_000 })
  // FULL: an acknowledged write survives a power cut, at one flush a group. A group of orders changes dozens of pages, mostly the same ones as the
  // group before: with 16 MB of log (4,000 pages) between two checkpoints most of them are copied once for many groups.
  writer.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off; pragma secure_delete = on; pragma temp_store = memory; pragma wal_autocheckpoint = 4000',
  )
  return writer
}
