import type { StatementResult, Tx } from './write.ts'

/** What keywords are looked for: orders, or certificates. */
export type KeywordKind = 'order' | 'certificate'

/** Lines that one block holds. */
export const BLOCK_LINES = 4_096

/** Part of a line and line of a block: no keyword may hold one of them. */
const PART = '\t'
const LINE = '\n'

/** The text in which keywords of one order or certificate are looked for: its names and ids in lower case. */
export function joinLine(parts: readonly string[]): string {
  return parts.join(PART).toLowerCase()
}

/** Issues the statement that makes an order or certificate findable by keyword. */
export function insertKeywordLine(
  tx: Tx,
  line: { readonly accountId: number; readonly kind: KeywordKind; readonly id: number; readonly line: string },
): Promise<StatementResult> {
  return tx.insert('keyword_lines', { account_id: line.accountId, kind: line.kind, id: line.id, line: line.line })
}

/** A keyword as it is looked for: in lower case; undefined for one that no line can hold. */
export function readKeyword(text: string): string | undefined {
  const keyword = text.trim().toLowerCase()
  return /\p{Cc}/u.test(keyword) ? undefined : keyword
}

/** Puts lines into one text. Ids are in capital letters, which no keyword has: so nothing is found in them. */
export function joinBlock(lines: readonly { readonly id: number; readonly line: string }[]): string {
  return lines.map(({ id, line }) => `${line}${PART}${lettersOf(id)}${LINE}`).join('')
}

/** The ids of the lines of a block that hold the keyword, in the order of the block. */
export function findInBlock(body: string, keyword: string): number[] {
  const found: number[] = []
  for (let at = body.indexOf(keyword); at !== -1;) {
    const end = body.indexOf(LINE, at)
    found.push(idOf(body.slice(body.lastIndexOf(PART, end) + 1, end)))
    at = body.indexOf(keyword, end)
  }
  return found
}

const CAPITAL_A = 65
const DIGIT_0 = 48

function lettersOf(id: number): string {
  return String.fromCharCode(...Array.from(String(id), (digit) => digit.charCodeAt(0) - DIGIT_0 + CAPITAL_A))
}

function idOf(letters: string): number {
  let id = 0
  for (let index = 0; index < letters.length; index += 1) id = id * 10 + (letters.charCodeAt(index) - CAPITAL_A)
  return id
}

/** Bits of a block's grams: few of them are set in a block of thousands of names. */
const GRAM_BITS = 1 << 15

/**
 * Which three characters in a row a block holds, as a bitmap of 4 KiB, a bit for each group by its hash. A block that lacks one of a keyword's
 * groups need not be read.
 */
export function gramsOf(body: string): Uint8Array {
  const bits = new Uint8Array(GRAM_BITS / 8)
  for (let at = 0; at + 3 <= body.length; at += 1) {
    const bit = gramBit(body, at)
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return bits
}

/** False: no line of the block holds the keyword. */
export function mayHold(grams: Uint8Array, keyword: string): boolean {
  for (let at = 0; at + 3 <= keyword.length; at += 1) {
    const bit = gramBit(keyword, at)
    if (((grams[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function gramBit(text: string, at: number): number {
  const [first, second, third] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
  return (Math.imul(Math.imul(first, 31) + second, 131) + third) & (GRAM_BITS - 1)
}
