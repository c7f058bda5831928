import { z } from 'zod'
import { optionalText } from './fields.ts'

const MOST = 100

/** A whole number from 1 on. */
function positive(most: number, byDefault: number) {
  return optionalText.pipe(
    z
      .string()
      .regex(/^[0-9]{1,9}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= most, `1 to ${most} are allowed.`)
      .default(byDefault),
  )
}

/** `CurrentPage` and `ShowSize` of a list; pages beyond the last one are empty. */
export function pageNumberFields(defaultSize: number) {
  return { CurrentPage: positive(1_000_000, 1), ShowSize: positive(MOST, defaultSize) }
}

/** `CurrentPage`, `ShowSize` and `TotalCount` of an answer; lists of orders and certificates count no further than `MOST_COUNTED`. */
export const pageNumberAnswer = { CurrentPage: z.int(), ShowSize: z.int(), TotalCount: z.int() }
