import { defineWrite, type SqlValue } from '../storage/write.ts'

/** Values of one column, sealed anew. */
export interface ResealInput {
  readonly table: string
  readonly column: string
  readonly key: readonly string[]
  readonly rows: readonly { readonly key: readonly SqlValue[]; readonly before: Uint8Array; readonly after: Uint8Array }[]
}

const IDENTIFIER = /^[a-z_]+$/

/** Puts newly sealed values in the place of those that they were made of; what was changed meanwhile stays. */
export const reseal = defineWrite({
  async run(tx, { table, column, key, rows }: ResealInput): Promise<void> {
    // Names come from the code's own list: they stand in the text of the statement.
    if (![table, column, ...key].every((name) => IDENTIFIER.test(name))) throw new Error('not the name of a table or column')
    const where = [...key, column].map((name) => `${name} = ?`).join(' and ')
    await Promise.all(rows.map((row) => tx.run(`update ${table} set ${column} = ? where ${where}`, [row.after, ...row.key, row.before])))
  },
})
