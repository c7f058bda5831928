import { Problem } from '../../problem.ts'

export interface RamTag {
  readonly key: string
  readonly value: string
}

/** Tags that a user, role or policy may have. */
export const MOST_TAGS = 20

const KEY = /^(?!aliyun|acs:)(?!.*https?:\/\/)[\s\S]{1,64}$/i
const VALUE = /^(?!aliyun|acs:)(?!.*https?:\/\/)[\s\S]{0,128}$/i

/**
 * Tags of RAM: at most 20, keys of 1 to 64 and values of up to 128 characters, neither beginning with `aliyun` or `acs:` nor holding a web
 * address, no key twice.
 *
 * @throws Problem invalidParameter or missingParameter
 */
export function parseRamTags(tags: readonly RamTag[]): readonly RamTag[] {
  if (tags.length > MOST_TAGS) throw new Problem('invalidParameter', { P: 'Tag', rule: `At most ${MOST_TAGS} tags may be given.` })
  const seen = new Set<string>()
  for (const [index, { key, value }] of tags.entries()) {
    const place = `Tag.${index + 1}`
    if (key === '') throw new Problem('missingParameter', { P: `${place}.Key` })
    if (!KEY.test(key) || /\p{Cc}/u.test(key)) throw new Problem('invalidParameter', { P: `${place}.Key`, rule: RULE })
    if (!VALUE.test(value) || /\p{Cc}/u.test(value)) throw new Problem('invalidParameter', { P: `${place}.Value`, rule: RULE })
    if (seen.has(key)) throw new Problem('invalidParameter', { P: `${place}.Key`, rule: 'Each key may be given once.' })
    seen.add(key)
  }
  return tags
}

const RULE = 'Keys have 1 to 64 and values up to 128 characters; neither begins with "aliyun" or "acs:" or holds a web address.'
