import { Problem } from '../../problem.ts'
import { sessionSeconds } from './role-limits.ts'

/** @throws Problem invalidRamValue (`InvalidParameter.<P>`) */
export function parseSessionSeconds(seconds: number, P: string): number {
  const { least, most } = sessionSeconds
  if (seconds < least || seconds > most) throw new Problem('invalidRamValue', { P, rule: `${least} to ${most} seconds are allowed.` })
  return seconds
}
