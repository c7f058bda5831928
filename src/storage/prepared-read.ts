import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import type { StatementResult } from './write.ts'

/** Stands in a query for the value that each run brings. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** Runs a statement on an engine in this process, at once. */
export type RunAtOnce = (sql: string, params: readonly unknown[]) => StatementResult

const atOnce = new WeakMap<Kysely<Schema>, RunAtOnce>()

/** Tells how prepared reads run on an engine in this process: the way through Kysely's connections takes several turns of promises. */
export function runPreparedReadsAtOnce(read: Kysely<Schema>, run: RunAtOnce): void {
  atOnce.set(read, run)
}

/**
 * A read that is built and compiled once for each database: for a small query Kysely takes several times as long as the engine. Only for queries
 * whose text does not depend on their values.
 *
 * SQLite plans a statement again at each run if a parameter stands where the plan may depend on it: in `limit`, or where a partial index asks
 * for a value. Those are literals.
 *
 * @param build makes the query; it is given a placeholder for each value, and must not look into it
 */
export function prepareRead<V extends Readonly<Record<string, unknown>>, R>(
  build: (read: Kysely<Schema>, values: V) => Compilable<R>,
): (read: Kysely<Schema>, values: V) => Promise<R[]> {
  const compiled = new WeakMap<Kysely<Schema>, CompiledQuery<R>>()
  // Kysely takes any object for a value and hands it through to the parameters.
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as V
  return async (read, values) => {
    let query = compiled.get(read)
    if (query === undefined) {
      query = build(read, placeholders).compile()
      compiled.set(read, query)
    }
    const parameters = query.parameters.map((value) => (value instanceof Placeholder ? values[value.name] : value))
    const run = atOnce.get(read)
    // The type of a row is the query's; the engine's rows have no static type.
    if (run !== undefined) return run(query.sql, parameters).rows as unknown as R[]
    return (await read.executeQuery<R>({ ...query, parameters })).rows
  }
}
