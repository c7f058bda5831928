// `npm run bench [-- --quick] [-- --write]`: prints Markdown tables; --write puts them into docs/performance.md.
import { loadavg } from 'node:os'
import { AS_IS, openEngines } from './engines.ts'
import type { Engine } from './measured-process.ts'
import { measureOrders } from './order-cost.ts'
import { measureRequests } from './request-cost.ts'
import { measureSizes } from './size.ts'
import { formatCount, formatMicroseconds, renderTable, type Table } from './table.ts'
import { measureStarts } from './start-time.ts'
import { writeIntoDocs } from './write-into-docs.ts'
import { measureWrites } from './write-throughput.ts'

const full = {
  clients: [1, 16, 64, 256],
  manyPlans: 64,
  ms: 1_000,
  requests: 8_000,
  counts: { ECC_256: 1_000, RSA_2048: 100 },
  sizes: [1_000, 100_000, 1_000_000],
}
const quick: typeof full = {
  clients: [1, 64],
  manyPlans: 64,
  ms: 400,
  requests: 3_000,
  counts: { ECC_256: 300, RSA_2048: 40 },
  sizes: [1_000, 100_000],
}

const args = process.argv.slice(2)
const unknown = args.filter((arg) => arg !== '--quick' && arg !== '--write')
if (unknown.length > 0) throw new Error(`bench knows --quick and --write, not ${unknown.join(' ')}`)
if (process.platform !== 'linux') throw new Error('bench reads CPU times from /proc and runs on Linux only')

const { engines, notRun, close } = await openEngines()
try {
  const text = await bench(args.includes('--quick') ? quick : full)
  process.stdout.write(`${text}\n`)
  if (args.includes('--write')) writeIntoDocs('bench', text)
} finally {
  await close()
}

async function bench(size: typeof full): Promise<string> {
  const loadBefore = loadavg()[0] ?? 0
  const fast = engines.filter(({ disk }) => disk === AS_IS)
  const tables = [
    await measureWrites(engines, { ...size, tell }),
    await requestTable(fast, size.requests),
    await measureOrders(fast, { ...size, tell }),
    await measureStarts(tell),
    await measureSizes({ counts: size.sizes, tell }),
  ]
  const about = `Node ${process.version}; load of the machine before the run ${loadBefore.toFixed(1)}.`
  return [about, ...tables.map(renderTable), ...notRun.map((what) => `Not run: ${what}.`)].join('\n\n')
}

async function requestTable(engines: readonly Engine[], requests: number): Promise<Table> {
  const names = { acs3: 'DescribePackageState, ACS3', rpcV1: 'DescribePackageState, RPC V1', healthz: '/healthz (unsigned)' }
  const rows: string[][] = []
  for (const engine of engines) {
    tell(`requests: ${engine.name}`)
    const costs = await measureRequests(engine, requests)
    const base = costs.find(({ kind }) => kind === 'healthz')?.cpuUs ?? Number.NaN
    for (const { kind, perSecond, cpuUs, serverUs } of costs) {
      const ratio = (cpuUs / base).toFixed(1)
      const server = engine.postmaster === undefined ? '' : formatMicroseconds(serverUs)
      rows.push([engine.name, names[kind], formatCount(perSecond), formatMicroseconds(cpuUs), ratio, server])
    }
  }
  return {
    title: 'Requests over HTTP with kept connections: CPU per request',
    head: ['engine', 'request', 'requests/s', 'CPU µs/request', 'ratio to /healthz', 'server CPU µs/request'],
    rows,
  }
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
