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

/** How every connection of a process is made. */
export function connectionOptions(url: string, name: string): pg.PoolConfig & { pipeline?: boolean } {
  return {
    connectionString: url,
    application_name: `chancery ${name}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types: types,
  }
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
