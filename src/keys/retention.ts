const DAY_MS = 86_400_000

/** When the key of a certificate that ends at `notAfter` is destroyed, ms. */
export function destructionTime(notAfter: number, { keyRetentionDays }: { readonly keyRetentionDays: number }): number {
  return notAfter + keyRetentionDays * DAY_MS
}
