import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startPostgres, type TestPostgres } from '../test/support/postgres.ts'
import type { Engine } from './measured-process.ts'
import { readParent } from './process-cpu.ts'
import { buildSlowDisk, wrapPostgres } from './slow-disk.ts'

export const AS_IS = 'as it is'
const SLOW_MS = 5

/** The engines that can be measured here, and those that cannot. */
export interface OpenEngines {
  readonly engines: readonly Engine[]
  /** What is missing, and why. */
  readonly notRun: readonly string[]
  close(): Promise<void>
}

/** SQLite and PostgreSQL, each on the disk as it is and on one that takes 5 ms longer for a flush. */
export async function openEngines(): Promise<OpenEngines> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const servers: TestPostgres[] = []
  const notRun: string[] = []
  const engines: Engine[] = [{ name: 'SQLite', disk: AS_IS, env: {} }]
  const slow = buildSlowDisk(folder, SLOW_MS)
  const slowName = `+${SLOW_MS} ms a flush`
  if (slow === undefined) notRun.push('the slow disk: there is no C compiler here')
  else engines.push({ name: 'SQLite', disk: slowName, env: slow.env })
  try {
    engines.push(await openPostgresEngine(AS_IS, undefined, servers))
    if (slow !== undefined) engines.push(await openPostgresEngine(slowName, wrapPostgres(folder, slow), servers))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'PostgresMissing') throw error
    notRun.push(`PostgreSQL: ${error.message}`)
  }
  return {
    engines,
    notRun,
    async close() {
      for (const server of servers) await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function openPostgresEngine(disk: string, bin: string | undefined, servers: TestPostgres[]): Promise<Engine> {
  const server = await startPostgres(bin === undefined ? {} : { bin })
  servers.push(server)
  const client = new Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = readParent(Number(rows[0]?.pid))
  await client.end()
  return { name: 'PostgreSQL', disk, env: {}, createDatabase: () => server.createDatabase(), postmaster }
}
