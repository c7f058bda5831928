import { appendFileSync } from 'node:fs'

/**
 * Tells the reader of a test run what this machine could not test, and why. `test/run.ts` lists it after the run.
 * Call it where a test is skipped: `reportNotRun('orders through unbound', 'unbound is not installed')`.
 */
export function reportNotRun(what: string, why: string): void {
  const line = `not-run: ${oneLine(what)}: ${oneLine(why)}`
  const file = process.env['CHANCERY_NOT_RUN_FILE']
  if (file === undefined || file === '') console.error(line)
  else appendFileSync(file, `${line}\n`)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
