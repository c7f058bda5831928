import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { findPostgresBinaries } from './postgres-binaries.ts'

/** A PostgreSQL server of the tests' own, with `fsync` on, reachable on 127.0.0.1 and through a socket in its folder. */
export interface TestPostgres {
  /** `postgres://` URL of the superuser on the database `postgres`; the same for the server's whole life. */
  readonly url: string
  /** Makes an empty database and returns its URL. */
  createDatabase(name?: string): Promise<string>
  /** Stops the server and removes its files. Open connections are cut. */
  stop(): Promise<void>
  /** Kills the postmaster, as a crash of the server would. `restart` brings it back. */
  kill(): void
  /** Stops the server if it runs and starts it again on the same data and port. */
  restart(): Promise<void>
}

/**
 * Starts PostgreSQL on empty data. Takes about a second.
 *
 * The server outlives no test run: if this process ends in whatever way without `stop`, a guard stops the server and removes its files.
 *
 * @param options.bin folder with `initdb` and `postgres`; default: the npm platform package
 * @throws PostgresMissing if there are no binaries
 */
export async function startPostgres(options: { bin?: string } = {}): Promise<TestPostgres> {
  const bin = findPostgresBinaries(options.bin)
  const folder = mkdtempSync(join(tmpdir(), 'chancery-pg-'))
  try {
    const user = await findServerUser()
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    const place: Place = { bin, folder, port: await findFreePort(), spawnOptions: { cwd: folder, env: { LC_ALL: 'C' }, ...user } }
    await initialize(place)
    return operate(place, await start(place))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * A fresh, empty database on the server that `test/run.ts` started, or undefined where no PostgreSQL runs (the run's summary says so).
 * It goes with the server: nothing to close.
 */
export async function createTestDatabase(): Promise<string | undefined> {
  const url = process.env['TEST_POSTGRES_URL']
  return url === undefined || url === '' ? undefined : createDatabase(url)
}

interface Place {
  readonly bin: string
  readonly folder: string
  readonly port: number
  readonly spawnOptions: { readonly cwd: string; readonly env: Record<string, string>; readonly uid?: number; readonly gid?: number }
}

interface Running {
  readonly server: ChildProcess
  readonly guard: ChildProcess
}

function operate(place: Place, first: Running): TestPostgres {
  const url = `postgres://postgres@127.0.0.1:${place.port}/postgres`
  let running = first
  return {
    url,
    createDatabase: (name) => createDatabase(url, name),
    kill: () => void running.server.kill('SIGKILL'),
    async restart() {
      await end(running)
      running = await start(place)
    },
    async stop() {
      await end(running)
      rmSync(place.folder, { recursive: true, force: true })
    },
  }
}

async function createDatabase(serverUrl: string, name = `test_${randomBytes(6).toString('hex')}`): Promise<string> {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(`create database ${client.escapeIdentifier(name)} template template0`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** The server refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such user. */
async function findServerUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    return { uid: 65534, gid: 65534 }
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('The probe has no port.')
  return address.port
}

async function initialize({ bin, folder, spawnOptions }: Place): Promise<void> {
  const args = [`--pgdata=${join(folder, 'data')}`, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(join(bin, 'initdb'), args, spawnOptions)
}

const startSeconds = 30

async function start(place: Place): Promise<Running> {
  const deadline = performance.now() + startSeconds * 1000
  for (;;) {
    const running = spawnServer(place)
    while (running.server.exitCode === null && running.server.signalCode === null) {
      if (isReady(place, running.server)) return running
      if (performance.now() > deadline) await end(running)
      else await sleep(10)
    }
    running.guard.kill('SIGKILL')
    const log = readFileSync(join(place.folder, 'log'), 'utf8')
    // After a kill the last backends of the old server hold its shared memory for a moment.
    if (performance.now() > deadline || (!log.trimEnd().endsWith('and retry.') && !/pre-existing shared memory block/.test(log))) {
      throw new Error(`PostgreSQL did not start:\n${log.split('\n').slice(-20).join('\n')}`)
    }
    await sleep(100)
  }
}

function spawnServer({ bin, folder, port, spawnOptions }: Place): Running {
  const settings = ['-c', 'max_connections=200', '-c', 'unix_socket_permissions=0700', '-c', 'log_line_prefix=%m [%p] ']
  const args = ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder, ...settings]
  const log = openSync(join(folder, 'log'), 'w')
  try {
    // Detached: an interrupt from the terminal is for the tests, which still need the server to end.
    const server = spawn(join(bin, 'postgres'), args, { ...spawnOptions, detached: true, stdio: ['ignore', log, log] })
    server.unref()
    return { server, guard: spawnGuard(server, folder, spawnOptions) }
  } finally {
    closeSync(log)
  }
}

/** Waits for the end of this process, which closes the pipe, and then clears up. An exit handler would not see a SIGKILL. */
function spawnGuard(server: ChildProcess, folder: string, spawnOptions: Place['spawnOptions']): ChildProcess {
  const script = 'cat > /dev/null; kill -INT "$1"; while kill -0 "$1"; do sleep 0.1; done; cd /; rm -rf "$2"'
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(server.pid), folder], {
    ...spawnOptions,
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  if (guard.stdin !== null && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return guard
}

/** The postmaster writes its own process id into the first line of its file and `ready` into the eighth. */
function isReady({ folder }: Place, server: ChildProcess): boolean {
  try {
    const lines = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(server.pid) && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/** Fast shutdown, or after ten seconds the hard way. */
async function end({ server, guard }: Running): Promise<void> {
  guard.kill('SIGKILL')
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.ref()
  server.kill('SIGINT')
  const timer = setTimeout(() => server.kill('SIGQUIT'), 10_000)
  await exited
  clearTimeout(timer)
}
