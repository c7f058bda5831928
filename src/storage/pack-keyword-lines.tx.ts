import { Problem } from '../problem.ts'
import type { KeywordKind } from './keyword-lines.ts'
import { defineWrite } from './write.ts'

/** All lines of an account and kind from `minId` to `maxId`, as one text. */
export interface PackKeywordLinesInput {
  readonly accountId: number
  readonly kind: KeywordKind
  readonly minId: number
  readonly maxId: number
  readonly lines: number
  readonly body: string
  /** `gramsOf` the body. */
  readonly grams: Uint8Array
}

/** Puts a block in the place of its lines. Refuses with `moved` if they are not the lines that were read. */
export const packKeywordLines = defineWrite({
  async run(tx, input: PackKeywordLinesInput): Promise<void> {
    const { accountId, kind, minId, maxId } = input
    const [{ changes }] = await Promise.all([
      tx.run(`delete from keyword_lines where account_id = ? and kind = ? and id between ? and ?`, [accountId, kind, minId, maxId]),
      tx.insert('keyword_blocks', { account_id: accountId, kind, max_id: maxId, min_id: minId, grams: input.grams, body: input.body }),
    ])
    if (changes !== input.lines) throw new Problem('moved')
  },
})
