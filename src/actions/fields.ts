import { z } from 'zod'

/** An id on the wire: a positive whole number below 2^53. */
export const wireId = z
  .string()
  .regex(/^[0-9]{1,16}$/, 'A positive whole number is needed.')
  .transform(Number)
  .refine((id) => Number.isSafeInteger(id) && id > 0, 'A positive whole number below 2^53 is needed.')

/** A whole number on the wire. */
export const wireCount = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'A whole number is needed.')
  .transform(Number)

/** A text of which the empty one counts as absent, as clients of the original send it. */
export const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** `ClientToken`: at most 64 ASCII characters. */
export const clientToken = z
  .string()
  .regex(/^[!-~]{0,64}$/, 'At most 64 printable ASCII characters are allowed.')
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** `Tags.N.Key` and `Tags.N.Value`, or `Tags.N.TagKey` and `Tags.N.TagValue`: newer operations of the original spell them so. */
export const wireTags = z
  .array(
    z
      .object({
        Key: z.string().optional(),
        Value: z.string().optional(),
        TagKey: z.string().optional(),
        TagValue: z.string().optional(),
      })
      .transform(({ Key, Value, TagKey, TagValue }) => ({ Key: Key ?? TagKey ?? '', Value: Value ?? TagValue ?? '' })),
  )
  .default([])
