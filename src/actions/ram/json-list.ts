import { z } from 'zod'
import { ramTags } from './fields.ts'

/** A list that came as one JSON text; anything else as it is, for the schema to judge. Empty: no list. */
export function readJsonList(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch (error) {
    if (error instanceof SyntaxError) return value
    throw error
  }
}

/** `Tag.N.Key` and `Tag.N.Value`, or all of them in one `Tag` as JSON, as the original's clients send them here. */
export const jsonTags = z.preprocess(readJsonList, ramTags)
