import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

/** How many statements about ACME servers there are; what each says is in the names of the tests. */
const STATEMENTS = 96
const root = join(import.meta.dirname, '../..')

/** `37., 39. and 51. to 57. text (7.4)`: the numbers in front, and where the section stands. */
const TITLE = /(['"`])((?:\d+\.(?:, | and | to | ))+)((?:(?!\1).)*)\1/g

interface Title {
  readonly file: string
  readonly text: string
  readonly numbers: readonly number[]
  readonly hasSection: boolean
}

function listTitles(): Title[] {
  const folders = ['test/acme', 'test/orders/acme', 'test/validation']
  return folders.flatMap((folder) =>
    globSync('**/*.test.ts', { cwd: join(root, folder) })
      .filter((file) => file !== 'statements.test.ts')
      .flatMap((file) => readTitles(join(folder, file), readFileSync(join(root, folder, file), 'utf8'))),
  )
}

function readTitles(file: string, source: string): Title[] {
  return [...source.matchAll(TITLE)].map(([, , numbers = '', rest = '']) => ({
    file,
    text: `${numbers}${rest}`,
    numbers: readNumbers(numbers),
    hasSection: /\([^()]*\d[^()]*\)$/.test(rest),
  }))
}

/** `51. to 57.` names all seven. */
function readNumbers(list: string): number[] {
  return [...list.matchAll(/(\d+)\.(?: to (\d+)\.)?/g)].flatMap(([, from, to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at),
  )
}

/** The statements that the page of divergences gives a reason for not being kept: the rows of its table "Not here". */
function listDiverging(): number[] {
  const page = readFileSync(join(root, 'docs/acme-divergences.md'), 'utf8')
  const chapter = page.split(/^## /m).find((part) => part.startsWith('Not here')) ?? assert.fail('the page has no chapter "Not here"')
  return [...chapter.matchAll(/^\| ([0-9, to]+?) +\| *\S/gm)].flatMap(([, list = '']) => readNumbers(list.replace(/\d+/g, '$&.')))
}

describe('the statements about ACME servers', () => {
  it('are each a test of that number, or a reason on the page of divergences', () => {
    const tested = new Set(listTitles().flatMap(({ numbers }) => numbers))
    const diverging = new Set(listDiverging())
    const all = Array.from({ length: STATEMENTS }, (_, at) => at + 1)
    assert.deepEqual(
      all.filter((number) => !tested.has(number) && !diverging.has(number)),
      [],
      'neither tested nor explained',
    )
    assert.deepEqual(
      [...diverging].filter((number) => tested.has(number)),
      [],
      'tested, and explained as not here',
    )
    assert.deepEqual(
      [...tested].filter((number) => number < 1 || number > STATEMENTS),
      [],
      'no such statement',
    )
  })

  it('are tested under the section that rules them', () => {
    const titles = listTitles()
    const cited = new Set(titles.filter(({ hasSection }) => hasSection).flatMap(({ numbers }) => numbers))
    assert.deepEqual(
      [...new Set(titles.flatMap(({ numbers }) => numbers))].filter((number) => !cited.has(number)),
      [],
    )
  })

  it('are found by the form of their names', () => {
    const names = readTitles('x', `it('37., 39. and 51. to 53. text (7.4)')\nit("8. it's (RFC 8037 2)")\nit('no number', '3 things')`)
    assert.deepEqual(
      names.map(({ numbers, hasSection }) => [numbers, hasSection]),
      [
        [[37, 39, 51, 52, 53], true],
        [[8], true],
      ],
    )
  })
})
