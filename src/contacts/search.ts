/** A page of what a search found. */
export interface FoundPage<Row> {
  readonly rows: readonly Row[]
  /** On all pages. */
  readonly total: number
}

/**
 * The rows of which a text holds the keyword, whatever its letter case, and of them one page; beyond the last page there are none.
 *
 * @param page from 1 on
 */
export function findPage<Row>(
  rows: readonly Row[],
  textsOf: (row: Row) => readonly string[],
  { keyword, page, size }: { readonly keyword: string | undefined; readonly page: number; readonly size: number },
): FoundPage<Row> {
  const wanted = keyword?.toLowerCase() ?? ''
  const found = rows.filter((row) => textsOf(row).some((text) => text.toLowerCase().includes(wanted)))
  return { rows: found.slice((page - 1) * size, page * size), total: found.length }
}
