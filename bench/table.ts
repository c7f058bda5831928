/** One table of results. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table as Markdown: the first columns are words, numbers stand right. */
export function renderTable({ title, head, rows }: Table): string {
  const isNumber = head.map((_, column) => rows.every((row) => /^[\d,.]*$/.test(row[column] ?? '')))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [`### ${title}`, '', line(head), line(isNumber.map((right) => (right ? '---:' : '---'))), ...rows.map(line)].join('\n')
}

/** Whole numbers, as 12,345. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Microseconds: whole ones, below ten with one decimal. */
export function formatMicroseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : formatCount(value)
}
