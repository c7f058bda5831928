import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { actions, emulatorActions } from '../src/actions/index.ts'
import { CAS_VERSION } from '../src/actions/versions.ts'
import { problems } from '../src/problem.ts'

const document = readFileSync(join(import.meta.dirname, '../docs/compatibility.md'), 'utf8')
const sectionOf = (title: string) => document.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

/** The rows of the section on the original's operations: name, state, remark. */
function readRows(): { name: string; state: string; remark: string }[] {
  const section = sectionOf('Every operation of the original')
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (complete|differing|not offered) +\|(.*)\|$/gm)]
  return rows.map(([, name = '', state = '', remark = '']) => ({ name, state, remark: remark.trim() }))
}

it('docs/compatibility.md has one row for each of the 87 operations of the original', () => {
  const names = readRows().map(({ name }) => name)
  assert.deepEqual([names.length, new Set(names).size], [87, 87])
})

it('docs/compatibility.md calls offered what the list of actions holds, and says how or why the rest is not', () => {
  const rows = readRows()
  const said = rows.filter(({ state }) => state !== 'not offered').map(({ name }) => name)
  const offered = actions.filter(({ version }) => version === CAS_VERSION).map(({ name }) => name)
  assert.deepEqual(new Set(said), new Set(offered))
  for (const { name, state, remark } of rows) assert.ok(state === 'complete' || remark !== '', name)
})

it('docs/compatibility.md has a row for each operation of the other versions', () => {
  const rows = [...sectionOf('RAM, STS, IMS and our own operations').matchAll(/^\| (\d{4}-\d\d-\d\d) +\|([^|]*)\| (\w[\w ]*?) +\|/gm)]
  const named = rows.flatMap(([, version = '', names = '', state = '']) =>
    state === 'not offered' ? [] : [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => `${version} ${name}`),
  )
  assert.equal(new Set(named).size, named.length)
  const offered = [...actions, ...emulatorActions].filter(({ version }) => version !== CAS_VERSION)
  assert.deepEqual(new Set(named), new Set(offered.map(({ name, version }) => `${version} ${name}`)))
})

it('docs/compatibility.md names the operations that take a ClientToken, and no other', () => {
  const all = [...actions, ...emulatorActions]
  const [text = ''] = /^- \*\*`ClientToken`\*\*[^]*?Nothing else/m.exec(document) ?? []
  const said = [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name).filter((name) => all.some((action) => action.name === name))
  const taking = all.filter(({ input }) => 'ClientToken' in input.shape).map(({ name }) => name)
  assert.deepEqual(new Set(said), new Set(taking))
})

it('docs/compatibility.md has the code and the status of every problem', () => {
  const rows = [...sectionOf('Error codes').matchAll(/^\| `(\w+)` +\| `([^`]+)` +\| (\d{3}) +\|/gm)]
  const said = Object.fromEntries(rows.map(([, name = '', code = '', status = '']) => [name, `${status} ${code}`]))
  assert.deepEqual(said, Object.fromEntries(Object.entries(problems).map(([name, { code, status }]) => [name, `${status} ${code}`])))
})
