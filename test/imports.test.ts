import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkImports } from './support/check-imports.ts'
import { readImports } from './support/read-imports.ts'

const sourceFolder = join(import.meta.dirname, '../src')

describe('imports of src', () => {
  const paths = globSync('**/*.ts', { cwd: sourceFolder }).map((path) => path.replaceAll('\\', '/'))

  it('keep to the import table, make no circles, and leave clock, randomness and environment to the adapters', () => {
    assert.ok(paths.length > 100, `only ${paths.length} files were found`)
    assert.deepEqual(checkImports(new Map(paths.map((path) => [path, readFileSync(join(sourceFolder, path), 'utf8')]))), [])
  })
})

/** A small tree that keeps to the table. */
const clean = {
  'problem.ts': 'export const problems = {}',
  'services.ts': "import type { Runner } from './runner/runner.ts'\nexport type S = Runner",
  'x509/der.ts': "import { createHash } from 'node:crypto'\nexport const der = (ms: number) => new Date(ms)",
  'storage/write.ts': "import { problems } from '../problem.ts'",
  'storage/sqlite/writer-worker.ts': 'await import(data.url)\nDate.now()',
  'plans/ledger.ts': 'export const sum = 1',
  'plans/buy.tx.ts': "import { sum } from './ledger.ts'\nimport { write } from '../storage/write.ts'",
  'keys/sealer.ts': 'export interface Sealer {}',
  'ram/keys.ts': "import type { Sealer } from '../keys/sealer.ts'\nimport type { S } from '../services.ts'",
  'orders/place.ts': "import { sum } from '../plans/ledger.ts'\nimport { type S } from '../services.ts'",
  'actions/buy.ts': "import { action } from '../gateway/action.ts'\nimport '../orders/place.ts'",
  'gateway/action.ts': "import type { S } from '../services.ts'\nimport { randomUUID } from 'node:crypto'",
  'runner/runner.ts': "import { place } from '../orders/place.ts'\nimport type { S } from '../services.ts'",
  'transactions.ts': "import { buy } from './plans/buy.tx.ts'\nexport const transactions = { buy }",
  'open-services.ts': "const clock = Date.now\nconst at = new URL('./transactions.ts', import.meta.url)",
  'app.ts': "import './actions/buy.ts'\nimport './runner/runner.ts'",
  'main.ts': "import './app.ts'\nconst now = new Date()",
  'cli/main.ts': "import '../main.ts'\nconst env = process.env",
} as const

/** Each plants one file into the clean tree and names the violation that must be found, and no other. */
const planted: [what: string, path: string, source: string, expected: string][] = [
  ['a room of ours in x509', 'x509/a.ts', "import '../problem.ts'", 'x509/a.ts: must not import problem.ts'],
  ['types of a room in x509', 'x509/a.ts', "import type { S } from '../services.ts'", 'x509/a.ts: must not import types of services.ts'],
  ['files in x509', 'x509/a.ts', "import { readFile } from 'node:fs/promises'", 'x509/a.ts: must not use node:fs/promises'],
  ['the network in x509', 'x509/a.ts', "const net = await import('node:net')", 'x509/a.ts: must not use node:net'],
  [
    'randomness in x509',
    'x509/a.ts',
    "import { randomBytes as r } from 'crypto'",
    'x509/a.ts: must not draw randomness itself (randomBytes)',
  ],
  [
    'key making in x509',
    'x509/a.ts',
    "import { generateKeyPair } from 'node:crypto'",
    'x509/a.ts: must not draw randomness itself (generateKeyPair)',
  ],
  ['a room above storage', 'storage/a.ts', "export { sum } from '../plans/ledger.ts'", 'storage/a.ts: must not import plans/ledger.ts'],
  ['the network in storage', 'storage/a.ts', "import 'node:http'", 'storage/a.ts: must not use node:http'],
  [
    'another room in a write',
    'orders/a.tx.ts',
    "import { sum } from '../plans/ledger.ts'",
    'orders/a.tx.ts: must not import plans/ledger.ts: it is a write',
  ],
  ['files in a write', 'orders/a.tx.ts', "import { open } from 'node:fs'", 'orders/a.tx.ts: must not use node:fs'],
  [
    'another room behind a write',
    'orders/a.tx.ts',
    "import { place } from './place.ts'",
    'orders/a.tx.ts: reaches plans/ledger.ts through orders/place.ts: it is a write',
  ],
  ['a neighbour on the same floor', 'ram/a.ts', "import { sum } from '../plans/ledger.ts'", 'ram/a.ts: must not import plans/ledger.ts'],
  [
    'types of a neighbour',
    'ram/a.ts',
    "import type { sum } from '../plans/ledger.ts'",
    'ram/a.ts: must not import types of plans/ledger.ts',
  ],
  ['the value behind a shared type', 'ram/a.ts', "import { Sealer } from '../keys/sealer.ts'", 'ram/a.ts: must not import keys/sealer.ts'],
  [
    'a value among shared types',
    'ram/a.ts',
    "import { type Sealer, open } from '../keys/sealer.ts'",
    'ram/a.ts: must not import keys/sealer.ts',
  ],
  ['a door in orders', 'orders/a.ts', "import '../gateway/action.ts'", 'orders/a.ts: must not import gateway/action.ts'],
  ['the runner in orders', 'orders/a.ts', "import('../runner/runner.ts')", 'orders/a.ts: must not import runner/runner.ts'],
  ['validation in actions', 'actions/a.ts', "import '../validation/dns.ts'", 'actions/a.ts: must not import validation/dns.ts'],
  ['the gateway’s insides in actions', 'actions/a.ts', "import '../gateway/reply.ts'", 'actions/a.ts: must not import gateway/reply.ts'],
  ['actions in the gateway', 'gateway/a.ts', "import { buy } from '../actions/buy.ts'", 'gateway/a.ts: must not import actions/buy.ts'],
  ['a door in another', 'acme/a.ts', "import '../gateway/action.ts'", 'acme/a.ts: must not import gateway/action.ts'],
  ['the assembly in a room', 'runner/a.ts', "import '../app.ts'", 'runner/a.ts: must not import app.ts'],
  ['the command line in the process', 'app.ts', "import './cli/help.ts'", 'app.ts: must not import cli/help.ts'],
  ['values in services.ts', 'services.ts', "import { sum } from './plans/ledger.ts'", 'services.ts: must not import plans/ledger.ts'],
  [
    'more than writes in transactions.ts',
    'transactions.ts',
    "import './plans/ledger.ts'",
    'transactions.ts: must not import plans/ledger.ts',
  ],
  ['a room without a row', 'helpers/a.ts', '', 'helpers/a.ts: the room helpers has no row in the import table'],
  ['a test in src', 'orders/a.ts', "import '../../test/run.ts'", 'orders/a.ts: imports ../test/run.ts, which is outside src/'],
  ['a worker of another room', 'ram/a.ts', "new URL('../app.ts', import.meta.url)", 'ram/a.ts: must not import app.ts'],
  ['a module by a hidden name', 'orders/a.ts', 'await import(name)', 'orders/a.ts: loads a module whose name is not in the source'],
  ['the clock', 'orders/a.ts', 'const now = Date.now()', 'orders/a.ts: must not use Date.now'],
  ['the clock as a value', 'orders/a.ts', 'const clock = Date . now', 'orders/a.ts: must not use Date.now'],
  ['the clock as a date', 'orders/a.ts', 'const now = `${new Date()}`', 'orders/a.ts: must not use new Date()'],
  ['the clock as a call', 'orders/a.ts', 'const now = Date()', 'orders/a.ts: must not use new Date()'],
  ['the clock in the settings', 'config.ts', 'const now = new Date', 'config.ts: must not use new Date()'],
  ['weak randomness', 'orders/a.ts', 'const x = Math.random()', 'orders/a.ts: must not use Math.random'],
  [
    'strong randomness',
    'orders/a.ts',
    "import { type Hash, randomUUID } from 'node:crypto'",
    'orders/a.ts: must not draw randomness itself (randomUUID)',
  ],
  ['global randomness', 'orders/a.ts', 'crypto.randomUUID()', 'orders/a.ts: must not use Web Crypto randomness'],
  ['the environment', 'orders/a.ts', "process.env['HOME']", 'orders/a.ts: must not use process.env'],
]

describe('checkImports', () => {
  it('finds nothing in a tree that keeps to the table', () => {
    assert.deepEqual(checkImports(new Map(Object.entries(clean))), [])
  })

  for (const [what, path, source, expected] of planted) {
    it(`finds ${what}`, () => {
      assert.deepEqual(checkImports(new Map([...Object.entries(clean), [path, source]])), [expected])
    })
  }

  it('finds a circle of three files once, and none through types', () => {
    const circle: [string, string][] = [
      ['orders/b.ts', "import './c.ts'"],
      ['orders/c.ts', "export * from './a.ts'"],
      ['orders/a.ts', "import b from './b.ts'"],
      ['orders/d.ts', "import type { E } from './e.ts'"],
      ['orders/e.ts', "import './d.ts'"],
    ]
    const expected = ['circle: orders/a.ts -> orders/b.ts -> orders/c.ts -> orders/a.ts']
    assert.deepEqual(checkImports(new Map([...Object.entries(clean), ...circle])), expected)
  })
})

describe('readImports', () => {
  it('reads every way to import, and tells types from values', () => {
    const source = [
      "import a, { b as c, type D } from './1.ts'",
      'import type { E } from "./2.ts"',
      "import { type F, type G as H } from './3.ts'",
      "import * as i from './4.ts'",
      "export * from './5.ts'",
      "export type * from './6.ts'",
      "export { j } from './7.ts'",
      "import './8.ts'",
      'const k = await import(`./9.ts`)',
      "import {\n  l,\n  m,\n} from './10.ts'",
      "export const n = (): typeof import('./11.ts') => o",
    ].join('\n')
    const kinds = ['value', 'type', 'type', 'value', 'value', 'type', 'value', 'value', 'value', 'value', 'value']
    const found = [...readImports(source).imports].map(({ specifier, kind }) => [Number(specifier.slice(2, -3)), kind] as const)
    assert.deepEqual(
      found.sort(([a], [b]) => a - b),
      kinds.map((kind, index) => [index + 1, kind]),
    )
    assert.deepEqual(readImports(source).imports[0]?.names, ['b', 'D'])
  })

  it('is not misled by comments, strings, templates, patterns and divisions', () => {
    const source = [
      "// import './1.ts'",
      "/* import './2.ts' */",
      "const a = \"import './3.ts'\" + '\\'import \"./4.ts\"'",
      "const b = `import './5.ts' ${c ? `${d} import './6.ts'` : { e: '}' }} import './7.ts'`",
      "const f = /['\"`]/.test(g) ? h / i : j / /[/'\"]import '.8.ts'/.k",
      "const url = 'https://example.com' // import './9.ts'",
      "import './10.ts'",
    ].join('\n')
    assert.deepEqual(
      readImports(source).imports.map(({ specifier }) => specifier),
      ['./10.ts'],
    )
  })
})
