import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Output } from './output.ts'

/** What signs calls, as environment variables of the official clients. */
export type SecretVariables = Readonly<Record<string, string>>

/**
 * Shows a secret once: to a person's terminal; else it goes into a file of mode 0600 whose path is printed, because standard output may end up
 * in a log. With `--json` a program asked for it and gets it.
 *
 * @param value the whole result, for programs
 * @param words lines that hold no secret
 */
export function showSecret(output: Output, value: unknown, words: readonly string[], variables: SecretVariables): void {
  const lines = Object.entries(variables).map(([name, text]) => `${name}=${text}`)
  if (output.json || process.stdout.isTTY) return output.result(value, [...words, ...lines])
  const file = join(mkdtempSync(join(tmpdir(), 'chancery-key-')), 'access-key.env')
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600, flag: 'wx' })
  output.result(value, [...words, `its secret is in ${file}: move it to its place, it is not shown again`])
}
