import { z } from 'zod'
import { LONG_KEY_LENGTH, MOST_TAGS, parseTags, type Tag } from '../../orders/tags.ts'
import { Problem } from '../../problem.ts'
import { wireTags } from '../fields.ts'

/** `ResourceType`: `instance` is all there is, and has to be said, as the original wants it. */
export const resourceType = z.enum(['instance'], { error: '"instance" is needed.' })

/** `ResourceId.N`: names of instances, of chains of renewals, or of uploads. */
export const resourceIds = z.array(z.string().min(1).max(128)).default([])

/** Tags as `Tag.N.Key`, the operation's own spelling, or as `Tags.N.Key` or `Tags.N.TagKey`, as other operations spell them. */
export const tagLists = { Tag: wireTags, Tags: wireTags }

type TagLists = z.output<z.ZodObject<typeof tagLists>>

/**
 * The tags of a call, in whichever of its lists they came.
 *
 * @throws Problem invalidParameter, missingParameter
 */
export function readTags({ Tag, Tags }: TagLists): readonly Tag[] {
  const list = Tags.length > 0 ? 'Tags' : 'Tag'
  if (Tag.length > 0 && Tags.length > 0)
    throw new Problem('invalidParameter', { P: 'Tags', rule: 'Tags come as Tag or as Tags, not as both.' })
  const given = [...Tag, ...Tags].map(({ Key, Value }) => ({ key: Key, value: Value }))
  return parseTags(given, { list, keyLength: LONG_KEY_LENGTH })
}

/** Tags to look for: an empty value means any. Keys are not held against the rules: what cannot be there is not found. */
export function readTagFilter({ Tag, Tags }: TagLists): { key: string; value: string | undefined }[] {
  const given = [...Tag, ...Tags]
  if (given.length > MOST_TAGS) throw new Problem('invalidParameter', { P: 'Tag', rule: `At most ${MOST_TAGS} tags may be given.` })
  return given.map(({ Key, Value }, index) => {
    if (Key === '') throw new Problem('missingParameter', { P: `Tag.${index + 1}.Key` })
    return { key: Key, value: Value === '' ? undefined : Value }
  })
}

/** `MaxResults` and `NextToken`. */
export const maxResults = z
  .string()
  .regex(/^([0-9]{1,3}|)$/, 'A whole number is needed.')
  .default('')
  .transform((text) => (text === '' ? 20 : Number(text)))
  .refine((n) => n >= 1 && n <= 100, '1 to 100 are allowed.')
