import type { DatabaseSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { executeStatement, type PreparedStatement } from './statement.ts'

/** Kysely over one `node:sqlite` connection: synchronous underneath, so a query never overlaps another. */
export function sqliteDialect(db: DatabaseSync): Dialect {
  const statements = new Map<string, PreparedStatement>()
  const connection: DatabaseConnection = {
    executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = executeStatement(db, statements, sql, parameters)
      // Kysely's type of a row is the caller's claim about the query; the engine's rows have no static type.
      return Promise.resolve({ rows: rows as unknown as R[], numAffectedRows: BigInt(changes) })
    },
    // eslint-disable-next-line require-yield -- the interface wants a generator, and the reader never holds an iterator open
    async *streamQuery() {
      throw new Error('the reader never holds an iterator across an await')
    },
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driverOf(connection),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function driverOf(connection: DatabaseConnection): Driver {
  const run = async (sql: string): Promise<void> => void (await connection.executeQuery(CompiledQuery.raw(sql)))
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    // Only migrations use transactions here; writes have the writer.
    beginTransaction: () => run('begin immediate'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
}
