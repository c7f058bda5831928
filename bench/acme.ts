// `npm run bench:acme [-- --quick | --full]`: the ACME door beside a bare server and Debian's Pebble, in interleaved rounds. --full adds 256 workers,
// PostgreSQL, slow disks, and the last of 100,000 certificates: half an hour.
import { measureAcme, measureGrowth } from './acme-cost.ts'
import { AS_IS, openEngines } from './engines.ts'
import type { Engine } from './measured-process.ts'
import { renderTable, type Table } from './table.ts'

const SQLITE: Engine = { name: 'SQLite', disk: AS_IS, env: {} }
const MANY = 100_000

const args = process.argv.slice(2)
const unknown = args.filter((arg) => arg !== '--quick' && arg !== '--full')
if (unknown.length > 0) throw new Error(`bench:acme knows --quick and --full, not ${unknown.join(' ')}`)
const tell = (text: string): boolean => process.stderr.write(`${text}\n`)
const print = (table: Table): boolean => process.stdout.write(`${renderTable(table)}\n\n`)

if (args.includes('--quick')) print(await measureAcme([SQLITE], { count: 500, warmUp: 100, workers: [8], tell }))
else
  print(await measureAcme([SQLITE], { count: 2_000, warmUp: 1_000, workers: args.includes('--full') ? [1, 8, 32, 256] : [1, 8, 32], tell }))

if (args.includes('--full')) {
  const { engines, notRun, close } = await openEngines()
  try {
    print(await measureAcme(engines.slice(1), { count: 1_000, warmUp: 1_000, workers: [8, 32], tell }))
    for (const what of notRun) process.stdout.write(`Not run: ${what}.\n\n`)
  } finally {
    await close()
  }
  print(await measureGrowth(SQLITE, { count: MANY, workers: 8, tell }))
}
