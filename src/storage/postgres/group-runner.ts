import pg from 'pg'
import { type Member, type Outcome, startMember } from '../group.ts'
import { assertSqlValues } from '../statements.ts'
import type { Row, RowLock, StatementResult, Write, WriteList } from '../write.ts'
import type { GroupRunner } from '../writer.ts'
import { connectionOptions, createStatementCache, shortStatements } from './connection.ts'
import { convertPostgresError, isConnectionLoss, isConsequence, isRetryable } from './constraint.ts'

/** The channel of NOTIFY; its payload lists our own channels. */
export const NOTIFY_CHANNEL = 'chancery'

const SINGLE_TRIES = 5

interface Started {
  readonly outcome: Outcome
  readonly engineError?: unknown
}

/** Told when a group's statements go out, for the test that counts flights. */
export type FlightListener = (flight: 'statements' | 'rerun' | 'commit') => void

/**
 * Runs groups on one pipelined connection. A group is one flight of all its statements and one of its commit. A savepoint
 * stands before each member; they are never released, so undoing a failed member also undoes what came after it, and those
 * members leave again in one further flight. Failures are rare; the common path pays one statement a member for them.
 */
export function createGroupRunner(
  url: string,
  writes: WriteList,
  onFlight: FlightListener = () => {},
): GroupRunner & { close(): Promise<void> } {
  const statementOf = createStatementCache()
  let current: Promise<pg.Client> | undefined
  let live: pg.Client | undefined

  function connect(): Promise<pg.Client> {
    current ??= open().catch((error: unknown) => {
      current = undefined
      throw error
    })
    return current
  }

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ ...connectionOptions(url, 'writer'), ...shortStatements, pipeline: true })
    client.on('error', () => forget(client))
    client.on('end', () => forget(client))
    await client.connect()
    live = client
    return client
  }

  // An old connection's late 'end' must not put its successor out of sight: nobody would close that one.
  function forget(client: pg.Client): void {
    if (live === client) {
      live = undefined
      current = undefined
    }
    client.end().catch(() => {})
  }

  async function runGroup(members: readonly Member[]): Promise<readonly Outcome[]> {
    let client: pg.Client
    try {
      client = await connect()
    } catch (error) {
      return members.map(() => unavailable(error))
    }
    try {
      return await attempt(client, members)
    } catch (error) {
      if (isRetryable(error)) return await runSingly(members)
      forget(client)
      if (isConnectionLoss(error)) return members.map(() => unavailable(error))
      throw error
    }
  }

  async function runSingly(members: readonly Member[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (const member of members) outcomes.push(await runOne(member))
    return outcomes
  }

  async function runOne(member: Member): Promise<Outcome> {
    for (let tries = 1; ; tries++) {
      let client: pg.Client | undefined
      try {
        client = await connect()
        const [outcome] = await attempt(client, [member])
        if (outcome !== undefined) return outcome
      } catch (error) {
        if (isRetryable(error) && tries < SINGLE_TRIES) continue
        if (client !== undefined && !isRetryable(error)) forget(client)
        return unavailable(error)
      }
    }
  }

  // Throws on a deadlock, a serialization failure or a lost connection; the transaction is then undone or gone.
  async function attempt(client: pg.Client, members: readonly Member[]): Promise<Outcome[]> {
    const outcomes = Array.from<Outcome>({ length: members.length })
    onFlight('statements')
    const control: Promise<unknown>[] = [send(client, 'begin')]
    for (const text of lockStatements(writes, members)) control.push(send(client, text.sql, text.params))
    for (let first = 0; ;) {
      const started = startFrom(client, members, first, control)
      const results = await Promise.all(started)
      await settleControl(client, control, results)
      const failed = results.findIndex(({ outcome }) => outcome.kind !== 'done')
      const done = failed === -1 ? results : results.slice(0, failed)
      done.forEach(({ outcome }, index) => (outcomes[first + index] = outcome))
      if (failed === -1) break
      first += failed
      outcomes[first] = results[failed]?.outcome ?? { kind: 'bug', message: 'no outcome' }
      onFlight('rerun')
      control.push(send(client, `rollback to savepoint m${first}`))
      first += 1
    }
    await commit(client, outcomes, control)
    return outcomes
  }

  function startFrom(client: pg.Client, members: readonly Member[], first: number, control: Promise<unknown>[]): Promise<Started>[] {
    return members.slice(first).map((member, index) => {
      control.push(send(client, `savepoint m${first + index}`))
      return startMember(writes, member, (sql, params) => execute(client, sql, params), isConsequence)
    })
  }

  async function execute(client: pg.Client, sql: string, params: readonly unknown[]): Promise<StatementResult> {
    assertSqlValues(params)
    const { name, text } = statementOf(sql)
    try {
      const result = await client.query<Row>({ name, text, values: params.map(octetsAsBuffer) })
      return { rows: result.rows, changes: result.rowCount ?? 0 }
    } catch (error) {
      const converted = convertPostgresError(error)
      throw converted instanceof Error ? converted : new Error(String(converted))
    }
  }

  async function commit(client: pg.Client, outcomes: readonly Outcome[], control: Promise<unknown>[]): Promise<void> {
    const channels = new Set(outcomes.flatMap((outcome) => (outcome.kind === 'done' ? outcome.channels : [])))
    onFlight('commit')
    if (channels.size > 0) control.push(send(client, 'select pg_notify($1, $2)', [NOTIFY_CHANNEL, [...channels].join(',')]))
    const committed = client.query('commit')
    control.push(committed)
    await Promise.all(control)
    // PostgreSQL answers the commit of a failed transaction without an error, with ROLLBACK as its tag.
    if ((await committed).command !== 'COMMIT') throw new Error('the server undid the group instead of committing it')
  }

  return {
    runGroup,
    async close() {
      const client = await current?.catch(() => undefined)
      current = undefined
      await client?.end().catch(() => {})
    },
  }
}

/** Waits for the writer's own statements. What failed only as a consequence of a member's failure is no failure of theirs. */
async function settleControl(client: pg.Client, control: Promise<unknown>[], results: readonly Started[]): Promise<void> {
  const own = await Promise.allSettled(control)
  control.length = 0
  const fromMembers = results.map(({ engineError }) => engineError)
  const fromControl = own.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const fatal =
    [...fromMembers, ...fromControl].find((error) => isRetryable(error) || (error !== undefined && isConnectionLoss(error))) ??
    fromControl.find((error) => !isConsequence(error))
  if (fatal === undefined) return
  // The server stays in the failed transaction until it is told to leave it.
  if (isRetryable(fatal)) await send(client, 'rollback')
  throw fatal
}

function send(client: pg.Client, sql: string, params?: readonly unknown[]): Promise<unknown> {
  const sent = params === undefined ? client.query(sql) : client.query(sql, [...params])
  sent.catch(() => {})
  return sent
}

/** One lock statement a table, tables and rows in one order, for the whole group. Whoever refers to such a row need not wait. */
function lockStatements(writes: WriteList, members: readonly Member[]): { sql: string; params: unknown[] }[] {
  const ids = new Map<RowLock['table'], Set<number>>()
  for (const { name, input } of members) {
    const write = writes[name] as Write<unknown, unknown> | undefined
    for (const { table, id } of write?.locks?.(input) ?? []) ids.set(table, (ids.get(table) ?? new Set()).add(id))
  }
  const tables = [...ids].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return tables.map(([table, keys]) => ({
    sql: `select id from ${table} where id = any($1::bigint[]) order by id for no key update`,
    params: [[...keys]],
  }))
}

function octetsAsBuffer(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

function unavailable(error: unknown): Outcome {
  return { kind: 'unavailable', message: error instanceof Error ? error.message : String(error) }
}
