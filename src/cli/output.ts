import { stdout } from 'node:process'

/** How a command tells its result: as JSON for programs, as words for people. */
export interface Output {
  readonly json: boolean
  /** Prints the result; `words` are its lines for people. */
  result(value: unknown, words: readonly string[]): void
  /** A line on standard error that is gone when the next one comes; only on a terminal. */
  progress(text: string): void
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, words) {
      clearProgress()
      stdout.write(json ? `${JSON.stringify(value, undefined, 2)}\n` : words.map((line) => `${line}\n`).join(''))
    },
    progress(text) {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`)
    },
  }
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K')
}

/** Columns of texts, aligned. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** An instant for people: UTC, whole seconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
