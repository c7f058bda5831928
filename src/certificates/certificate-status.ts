import { hasExpired } from '../orders/order-status.ts'

/** What a certificate is now. Revocation counts more than age. */
export type CertificateStatus = 'issued' | 'willExpire' | 'expired' | 'revoked'

const DAY_MS = 86_400_000
/** A certificate is about to expire in its last 30 days. */
const WARNING_MS = 30 * DAY_MS

/** The status at an instant, ms; both ends belong to the validity (RFC 5280 section 4.1.2.5). */
export function certificateStatus(
  { revoked_at: revokedAt, not_after: notAfter }: { readonly revoked_at: number | null; readonly not_after: number },
  now: number,
): CertificateStatus {
  if (revokedAt !== null) return 'revoked'
  if (hasExpired(notAfter, now)) return 'expired'
  return notAfter - now <= WARNING_MS ? 'willExpire' : 'issued'
}

/** Whole days that a certificate lasts still; 0 once it has expired. */
export function remainingDays(notAfter: number, now: number): number {
  return Math.max(0, Math.floor((notAfter - now) / DAY_MS))
}
