import { Problem } from '../../problem.ts'

/**
 * The name of an account, for people.
 *
 * @throws Problem missingParameter, invalidParameter
 */
export function parseAccountName(given: string): string {
  const name = given.trim()
  if (name === '') throw new Problem('missingParameter', { P: 'Name' })
  if (Array.from(name).length > 64 || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new Problem('invalidParameter', { P: 'Name', rule: 'A name has 1 to 64 characters and no control characters.' })
  }
  return name
}
