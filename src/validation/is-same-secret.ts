import { timingSafeEqual } from 'node:crypto'

/** Compares a value from outside with the expected one. Only its length, which is public, can be told from the time taken. */
export function isSameSecret(seen: string, expected: string): boolean {
  const [a, b] = [Buffer.from(seen), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
