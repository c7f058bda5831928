import pg from 'pg'

/** Types of columns as numbers: int8 (20) and numeric (1700, the type of `sum(int8)`) hold safe integers only. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === 20 || oid === 1700) return parseSafeInteger
    return pg.types.getTypeParser(oid, format)
  },
}

function parseSafeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a number from the database exceeds 2^53')
  return value
}

/** A statement that takes longer is a half-open connection or a server in trouble, ms. No write takes longer than 5 ms. */
const QUERY_TIMEOUT_MS = 30_000

/** How every connection of a process is made. */
export function connectionOptions(url: string, name: string): pg.PoolConfig & { pipeline?: boolean } {
  return {
    connectionString: url,
    application_name: `chancery ${name}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types,
  }
}

/** Further options of connections whose statements are short: reads and writes. */
export const shortStatements = {
  // Ends the connection, and with it everything that waits in its pipeline.
  query_timeout: QUERY_TIMEOUT_MS,
  // The server gives up too, and lets go of the locks of a process that hangs.
  statement_timeout: QUERY_TIMEOUT_MS,
  idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
}

/** `?` placeholders as `$1…`, each text turned and named once, so that the server parses it once a connection. */
export function createStatementCache(): (sql: string) => { name: string; text: string } {
  const known = new Map<string, { name: string; text: string }>()
  return (sql) => {
    let statement = known.get(sql)
    if (statement === undefined) {
      let position = 0
      statement = { name: `w${known.size}`, text: sql.replace(/\?/g, () => `$${++position}`) }
      known.set(sql, statement)
    }
    return statement
  }
}
