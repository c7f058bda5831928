import { Problem } from '../problem.ts'

/** A tag of an order. The key is not empty; the value may be. */
export interface Tag {
  readonly key: string
  readonly value: string
}

/** A tag as it came in, at the place N of `Tags.N.Key` and `Tags.N.Value` (N counts from 1, gaps closed). */
export interface GivenTag {
  readonly key?: string | undefined
  readonly value?: string | undefined
}

/** Tags that a call may give, and a resource may have. */
export const MOST_TAGS = 20
const VALUE_LENGTH = 128

/** The longest key: the pages of the API name two lengths. */
export const KEY_LENGTH = 64
/** Of orders with a CSR of the applicant's, of renewals, and of tags that are put on what exists. */
export const LONG_KEY_LENGTH = 128

/** How the operation calls its tags, and the longest key it takes. */
export interface TagRules {
  readonly list: 'Tags' | 'Tag'
  readonly keyLength: number
}

/**
 * The tags of an order, held against every limit of the API: at most 20; a key of 1 to 64 letters (or 128, by the rules), digits, `.`, `_`, `-`, a letter
 * first; a value of 0 to 128 of the same, anything first; neither begins with `aliyun` or `acs:` in any case, neither holds a web
 * address; no key twice (letter case counts).
 *
 * @throws Problem `invalidParameter` or `missingParameter`, naming the parameter as on the wire
 */
export function parseTags(
  tags: readonly GivenTag[],
  { list, keyLength }: TagRules = { list: 'Tags', keyLength: KEY_LENGTH },
): readonly Tag[] {
  if (tags.length > MOST_TAGS) throw invalid(list, `At most ${MOST_TAGS} tags may be given.`)
  const seen = new Set<string>()
  return tags.map(({ key = '', value = '' }, index) => {
    const place = `${list}.${index + 1}`
    assertKey(key, keyLength, `${place}.Key`)
    assertValue(value, `${place}.Value`)
    if (seen.has(key)) throw invalid(`${place}.Key`, 'Each key may be given once.')
    seen.add(key)
    return { key, value }
  })
}

function assertKey(key: string, most: number, parameter: string): void {
  if (key === '') throw new Problem('missingParameter', { P: parameter })
  assertNotReserved(key, parameter)
  if (key.length > most) throw invalid(parameter, `A key has at most ${most} characters.`)
  if (!/^[A-Za-z]/.test(key)) throw invalid(parameter, 'A key begins with a letter A to Z or a to z.')
  if (!/^[A-Za-z0-9._-]+$/.test(key)) throw invalid(parameter, 'A key consists of letters A to Z and a to z, digits, ".", "_" and "-".')
}

function assertValue(value: string, parameter: string): void {
  assertNotReserved(value, parameter)
  if (value.length > VALUE_LENGTH) throw invalid(parameter, `A value has at most ${VALUE_LENGTH} characters.`)
  if (!/^[A-Za-z0-9._-]*$/.test(value)) {
    throw invalid(parameter, 'A value consists of letters A to Z and a to z, digits, ".", "_" and "-", or is empty.')
  }
}

function assertNotReserved(text: string, parameter: string): void {
  if (/^(?:aliyun|acs:)/i.test(text)) throw invalid(parameter, 'Keys and values may not begin with "aliyun" or "acs:".')
  if (/https?:\/\//i.test(text)) throw invalid(parameter, 'Keys and values may not contain "http://" or "https://".')
}

function invalid(parameter: string, rule: string): Problem {
  return new Problem('invalidParameter', { P: parameter, rule })
}
