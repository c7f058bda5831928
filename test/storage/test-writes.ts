import { Problem } from '../../src/problem.ts'
import { defineWrite, type Row, type SqlValue, type StatementResult, type Tx } from '../../src/storage/write.ts'
import { transactions as serviceTransactions } from '../../src/transactions.ts'

/** A statement as a test hands it in. */
export type Statement = readonly [sql: string, ...params: readonly unknown[]]

interface StatementsInput {
  readonly statements: readonly Statement[]
}

// Values are what a test says, also where the type of a statement forbids them: the guard is under test.
function runAll(tx: Tx, statements: readonly Statement[]): Promise<StatementResult>[] {
  return statements.map(([sql, ...params]) => tx.run(sql, params as SqlValue[]))
}

/** Runs the statements; answers the rows of each. */
const runStatements = defineWrite({
  async run(tx, input: StatementsInput & { readonly channel?: string }): Promise<(readonly Row[])[]> {
    if (input.channel !== undefined) tx.notify(input.channel)
    return (await Promise.all(runAll(tx, input.statements))).map(({ rows }) => rows)
  },
})

/** Looks at the results and then refuses. */
const refuseAfter = defineWrite({
  async run(tx, input: StatementsInput & { readonly channel?: string }): Promise<void> {
    if (input.channel !== undefined) tx.notify(input.channel)
    await Promise.all(runAll(tx, input.statements))
    throw new Problem('notRemainCount', { P: 'a-product' })
  },
})

/** Has a bug after its statements. */
const breakAfter = defineWrite({
  async run(tx, input: StatementsInput): Promise<void> {
    await Promise.all(runAll(tx, input.statements))
    throw new Error('a planted bug')
  },
})

/** Has a bug before its first statement, and is no async function. */
const breakBefore = defineWrite({
  run(): Promise<void> {
    throw new Error('a planted bug')
  },
})

/** Makes nothing of its statements' errors. */
const swallow = defineWrite({
  async run(tx, input: StatementsInput): Promise<string> {
    await Promise.allSettled(runAll(tx, input.statements))
    return 'all is well'
  },
})

/** Never looks at what became of its statements. */
const ignore = defineWrite({
  async run(tx, input: StatementsInput): Promise<string> {
    void runAll(tx, input.statements)
    return 'all is well'
  },
})

/** Takes an engine's error for something else. */
const mistake = defineWrite({
  async run(tx, input: StatementsInput): Promise<void> {
    try {
      await Promise.all(runAll(tx, input.statements))
    } catch {
      throw new Problem('notFoundOrder')
    }
  },
})

/** Issues its last statement only when it has seen the results of the others. */
const comeLate = defineWrite({
  async run(tx, input: StatementsInput): Promise<void> {
    await Promise.all(runAll(tx, input.statements.slice(0, -1)))
    await Promise.all(runAll(tx, input.statements.slice(-1)))
  },
})

/** The service's writes and the tests' own ones, for the writing worker too. */
export const transactions = {
  ...serviceTransactions,
  runStatements,
  refuseAfter,
  breakAfter,
  breakBefore,
  swallow,
  ignore,
  mistake,
  comeLate,
}

/** The statement that stores a counter: the smallest row there is. */
export function putCounter(name: string, next = 1): Statement {
  return ['insert into counters (name, next) values (?, ?)', name, next]
}
