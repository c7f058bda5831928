import { z } from 'zod'

/** `MaxResults` of a list: how many rows a page has. */
export const maxResults = z
  .string()
  .regex(/^[0-9]{1,3}$/, 'A whole number is needed.')
  .transform(Number)
  .refine((n) => n >= 1 && n <= 100, '1 to 100 are allowed.')
  .default(20)
