// `npm run bench:acme [-- --quick | --full] [-- --write]`: what a certificate costs at either door, the ACME door beside a bare server and Debian's
// Pebble in interleaved rounds. --full adds 256 workers, PostgreSQL, slow disks, and the last of 100,000 certificates: half an hour.
import { loadavg } from 'node:os'
import { measureAcme, measureGrowth } from './acme-cost.ts'
import { AS_IS, openEngines } from './engines.ts'
import type { Engine } from './measured-process.ts'
import { measureRpc } from './rpc-cost.ts'
import { renderTable, type Table } from './table.ts'
import { writeIntoDocs } from './write-into-docs.ts'

const SQLITE: Engine = { name: 'SQLite', disk: AS_IS, env: {} }
const MANY = 100_000

const args = process.argv.slice(2)
const unknown = args.filter((arg) => !['--quick', '--full', '--write'].includes(arg))
if (unknown.length > 0) throw new Error(`bench:acme knows --quick, --full and --write, not ${unknown.join(' ')}`)
const isQuick = args.includes('--quick')
const isFull = args.includes('--full')
const parts: string[] = []
print(`Node ${process.version}; load of the machine before the run ${(loadavg()[0] ?? 0).toFixed(1)}.`)

const workers = isQuick ? [8] : isFull ? [1, 8, 32, 256] : [1, 8, 32]
print(await measureAcme([SQLITE], { count: isQuick ? 500 : 2_000, warmUp: isQuick ? 500 : 3_000, workers, tell }))
print(await measureRpc([SQLITE], { count: isQuick ? 300 : 2_000, tell }))
if (isFull) {
  const { engines, notRun, close } = await openEngines()
  try {
    print(await measureAcme(engines.slice(1), { count: 1_000, warmUp: 2_000, workers: [8, 32], tell }))
    for (const what of notRun) print(`Not run: ${what}.`)
  } finally {
    await close()
  }
  print(await measureGrowth(SQLITE, { count: MANY, workers: 8, tell }))
}
if (args.includes('--write')) writeIntoDocs('bench:acme', parts.join('\n\n'))

function print(part: Table | string): void {
  const text = typeof part === 'string' ? part : renderTable(part)
  parts.push(text)
  process.stdout.write(`${text}\n\n`)
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
