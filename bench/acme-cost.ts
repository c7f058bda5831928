import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { AcmeLoad, AcmeLoadResult } from './acme-load.ts'
import { type AcmeServer, hasPebble, startBare, startChancery, startPebble, type WorldPorts } from './acme-servers.ts'
import { answerOf, ask } from './ask-child.ts'
import { AS_IS } from './engines.ts'
import { killAtExit } from './kill-at-exit.ts'
import type { Engine } from './measured-process.ts'
import { readCpu, readServerCpu } from './process-cpu.ts'
import { formatCount, type Table } from './table.ts'

const ROUNDS = 3

export interface AcmeSize {
  /** Certificates a round. */
  readonly count: number
  /** Certificates before the first round. */
  readonly warmUp: number
  readonly workers: readonly number[]
  readonly tell: (text: string) => void
}

/** What of a long run is compared: the first certificates after the warm-up, and the last. */
const SLICE = 1_000

/** One server, and how it is started. */
interface Entry {
  readonly name: string
  readonly postmaster?: number | undefined
  /** Certificates a round at most, for one that is slow. */
  readonly most?: number
  start(ports: WorldPorts): Promise<AcmeServer>
}

/** One server under load, with what its rounds took together. */
interface Contender extends Pick<Entry, 'name' | 'postmaster'> {
  readonly server: AcmeServer
  readonly load: ChildProcess
  readonly count: number
  cpuMs: number
  databaseMs: number
  seconds: number
  obtained: number
  requests: number
  commits: number | undefined
  p50: number
  p99: number
}

/**
 * CPU and time of a certificate at the ACME door, beside a server without features and Debian's Pebble where it is installed, in alternating
 * rounds: 5 requests, one fetch for http-01, all features on.
 */
export async function measureAcme(engines: readonly Engine[], size: AcmeSize): Promise<Table> {
  const rows: string[][] = []
  for (const workers of size.workers) rows.push(...(await measureWith(workers, entriesFor(engines, workers), size)))
  return {
    title: 'Certificates at the ACME door: http-01, P-256',
    head: ['server', ...FIGURES],
    rows,
  }
}

/** What the last certificates of many cost beside the first, in one service that keeps them all. */
export async function measureGrowth(
  engine: Engine,
  { count, workers, tell }: { readonly count: number; readonly workers: number; readonly tell: (text: string) => void },
): Promise<Table> {
  const [entry] = entriesFor([engine], workers).filter(({ name }) => name.startsWith('Chancery'))
  if (entry === undefined) throw new Error('there is no service to measure')
  const rows: string[][] = []
  const contender = await openContender(entry, SLICE)
  try {
    const slice = async (from: number): Promise<void> => {
      Object.assign(contender, NOTHING_TAKEN)
      await obtain(contender, workers, SLICE, true)
      rows.push([`${formatCount(from)} to ${formatCount(from + SLICE)}`, ...figuresOf(contender, workers, undefined)])
    }
    // The compiler takes that long.
    await obtain(contender, workers, 3 * SLICE, false)
    await slice(3 * SLICE)
    for (let done = 4 * SLICE; done < count - SLICE; done += 10 * SLICE) {
      tell(`ACME: ${formatCount(done)} certificates of ${formatCount(count)}`)
      await obtain(contender, workers, Math.min(10 * SLICE, count - SLICE - done), false)
    }
    await slice(count - SLICE)
  } finally {
    contender.load.kill('SIGKILL')
    await contender.server.stop()
  }
  return { title: `Certificates beside many at the ACME door: ${entry.name}`, head: ['certificates', ...FIGURES], rows }
}

function entriesFor(engines: readonly Engine[], workers: number): readonly Entry[] {
  const ours = engines.map((engine) => ({
    name: `Chancery, ${engine.name}${engine.disk === AS_IS ? '' : `, ${engine.disk}`}`,
    postmaster: engine.postmaster,
    start: (ports: WorldPorts) => startChancery(engine, ports),
  }))
  const bare = { name: 'bare server, always valid, 3 commits', start: () => startBare() }
  // It deadlocks under parallel load.
  const pebble = workers === 1 && hasPebble() ? [{ name: 'Pebble, in memory (not counted)', most: 200, start: startPebble }] : []
  return [bare, ...ours, ...pebble]
}

async function measureWith(workers: number, entries: readonly Entry[], size: AcmeSize): Promise<string[][]> {
  const contenders: Contender[] = []
  try {
    for (const entry of entries) contenders.push(await openContender(entry, size.count))
    for (const contender of contenders) await obtain(contender, workers, Math.min(size.warmUp, contender.count), false)
    for (let round = 1; round <= ROUNDS; round++) {
      for (const contender of contenders) {
        size.tell(`ACME: ${contender.name}, ${workers} workers, round ${round}`)
        await obtain(contender, workers, contender.count, true)
      }
    }
  } finally {
    for (const { server, load } of contenders) {
      load.kill('SIGKILL')
      await server.stop()
    }
  }
  const [bare] = contenders
  return contenders.map((contender) => [contender.name, ...figuresOf(contender, workers, bare)])
}

const FIGURES = [
  'workers',
  'CPU ms/cert',
  'database CPU ms/cert',
  'ratio to the bare one',
  'certs/s',
  'p50 ms',
  'p99 ms',
  'requests/cert',
  'fsyncs/cert',
] as const

/** @param bare what its CPU is compared with */
function figuresOf(contender: Contender, workers: number, bare: Contender | undefined): string[] {
  const { postmaster, obtained, cpuMs, databaseMs, seconds, requests, commits, p50, p99 } = contender
  return [
    String(workers),
    (cpuMs / obtained).toFixed(2),
    postmaster === undefined ? '' : (databaseMs / obtained).toFixed(2),
    bare === undefined ? '' : (cpuMs / obtained / (bare.cpuMs / bare.obtained)).toFixed(2),
    formatCount(obtained / seconds),
    p50.toFixed(1),
    p99.toFixed(1),
    (requests / obtained).toFixed(2),
    commits === undefined ? '' : (commits / obtained).toFixed(2),
  ]
}

/** What a contender's rounds took before the first. */
const NOTHING_TAKEN = { cpuMs: 0, databaseMs: 0, seconds: 0, obtained: 0, requests: 0, commits: undefined, p50: 0, p99: 0 }

async function openContender({ name, postmaster, most = Infinity, start }: Entry, count: number): Promise<Contender> {
  const load = fork(join(import.meta.dirname, 'acme-load.ts'))
  killAtExit(load)
  const server = await start(await answerOf<WorldPorts>(load))
  const { directory, eab } = server
  await ask(load, { kind: 'register', directory, connections: 512, ...(eab && { eab }) } satisfies AcmeLoad)
  return { name, postmaster, server, load, count: Math.min(count, most), ...NOTHING_TAKEN }
}

async function obtain(contender: Contender, workers: number, count: number, counts: boolean): Promise<void> {
  const { server, load, postmaster } = contender
  const cpu = () => ({ own: readCpu(server.pid), database: postmaster === undefined ? 0 : readServerCpu(postmaster) })
  const commitsBefore = await server.commits()
  const before = cpu()
  const result = (await ask(load, { kind: 'obtain', workers, count } satisfies AcmeLoad)) as AcmeLoadResult
  if (!counts) return
  const after = cpu()
  const commitsAfter = await server.commits()
  contender.cpuMs += (after.own - before.own) / 1000
  contender.databaseMs += (after.database - before.database) / 1000
  contender.seconds += result.seconds
  contender.obtained += count
  contender.requests += result.requests
  if (commitsBefore !== undefined && commitsAfter !== undefined) {
    contender.commits = (contender.commits ?? 0) + commitsAfter - commitsBefore
  }
  contender.p50 = Math.max(contender.p50, result.p50)
  contender.p99 = Math.max(contender.p99, result.p99)
}
