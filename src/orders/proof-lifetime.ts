const DAY_MS = 86_400_000

/** How long a proof of control may be used again, by the day of issuance (BR 4.2.1, table of data reuse periods). */
const periods = [
  { from: Date.UTC(2029, 2, 15), days: 10 },
  { from: Date.UTC(2027, 2, 15), days: 100 },
  { from: -Infinity, days: 200 },
] as const

/**
 * The oldest proof that counts for a certificate issued now, ms.
 *
 * @param mostDays the operator's own limit
 */
export function oldestUsableProof(now: number, mostDays: number): number {
  const { days } = periods.find(({ from }) => now >= from) ?? periods[2]
  return now - Math.min(days, mostDays) * DAY_MS
}

/** When a proof stops counting, as of today's rule, ms. */
export function proofExpiry(validatedAt: number, now: number, mostDays: number): number {
  return validatedAt + (now - oldestUsableProof(now, mostDays))
}
