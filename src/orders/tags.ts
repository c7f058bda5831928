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

const limits = { tags: 20, keyLength: 64, valueLength: 128 } as const

/**
 * The tags of an order, held against every limit of the API: at most 20; a key of 1 to 64 letters, digits, `.`, `_`, `-`, a letter
 * first; a value of 0 to 128 of the same, anything first; neither begins with `aliyun` or `acs:` in any case, neither holds a web
 * address; no key twice (letter case counts).
 *
 * @throws Problem `invalidParameter` or `missingParameter`, naming the parameter as on the wire
 */
export function parseTags(tags: readonly GivenTag[]): readonly Tag[] {
  if (tags.length > limits.tags) throw invalid('Tags', `At most ${limits.tags} tags may be given.`)
  const seen = new Set<string>()
  return tags.map(({ key = '', value = '' }, index) => {
    const place = `Tags.${index + 1}`
    assertKey(key, `${place}.Key`)
    assertValue(value, `${place}.Value`)
    if (seen.has(key)) throw invalid(`${place}.Key`, 'Each key may be given once.')
    seen.add(key)
    return { key, value }
  })
}

function assertKey(key: string, parameter: string): void {
  if (key === '') throw new Problem('missingParameter', { P: parameter })
  assertNotReserved(key, parameter)
  if (key.length > limits.keyLength) throw invalid(parameter, `A key has at most ${limits.keyLength} characters.`)
  if (!/^[A-Za-z]/.test(key)) throw invalid(parameter, 'A key begins with a letter A to Z or a to z.')
  if (!/^[A-Za-z0-9._-]+$/.test(key)) throw invalid(parameter, 'A key consists of letters A to Z and a to z, digits, ".", "_" and "-".')
}

function assertValue(value: string, parameter: string): void {
  assertNotReserved(value, parameter)
  if (value.length > limits.valueLength) throw invalid(parameter, `A value has at most ${limits.valueLength} characters.`)
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
