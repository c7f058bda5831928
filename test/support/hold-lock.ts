import pg from 'pg'

/** A transaction outside of everything under test, whose locks make others wait for one another. */
export interface HeldLock {
  /** Resolves when so many connections of this database wait for a lock. */
  waiters(count: number): Promise<void>
  release(): Promise<void>
}

/** Runs a statement in a transaction that stays open until it is released. PostgreSQL only. */
export async function holdLock(databaseUrl: string, statement: string): Promise<HeldLock> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('begin')
  await client.query(statement)
  return {
    async waiters(count) {
      for (let tries = 0; tries < 500; tries++) {
        // The view stays as it was first seen in a transaction.
        await client.query('select pg_stat_clear_snapshot()')
        const { rows } = await client.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        if ((rows[0]?.waiting ?? 0) >= count) return
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await client.end()
      throw new Error(`no ${count} connections came to wait`)
    },
    async release() {
      await client.query('commit')
      await client.end()
    },
  }
}
