// `npm run bench:acme [-- --quick]`: the ACME door beside a bare server and Debian's Pebble, in interleaved rounds.
import { measureAcme } from './acme-cost.ts'
import { renderTable } from './table.ts'

const isQuick = process.argv.includes('--quick')
const table = await measureAcme([{ name: 'SQLite', disk: 'as it is', env: {} }], {
  count: isQuick ? 500 : 2_000,
  warmUp: isQuick ? 100 : 400,
  workers: isQuick ? [8] : [1, 8, 32],
  tell: (text) => process.stderr.write(`${text}\n`),
})
process.stdout.write(`${renderTable(table)}\n`)
