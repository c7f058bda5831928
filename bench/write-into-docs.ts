import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts results into docs/performance.md, between the two comments with this name. */
export function writeIntoDocs(name: string, text: string): void {
  const file = join(import.meta.dirname, '../docs/performance.md')
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const page = readFileSync(file, 'utf8')
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`${file} has no place for the results between ${begin} and ${end}`)
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
}
