import type { Certificate } from '../../x509/certificate.ts'
import type { IssuanceRequest } from '../certificate-authority.ts'

const dayMs = 86_400_000
/** Spares clients with slow clocks. */
const backdateMs = 3_600_000
/** How far back and ahead a begin may lie that was asked for. BR 7.1.2.7: 48 hours back. */
const furthestBackMs = 2 * dayMs
const furthestAheadMs = 30 * dayMs

/**
 * First and last second of a certificate, ms. What was asked for is kept to the second; without a wish it begins an hour back and ends with the
 * product's days, or with the issuer. Throws a plain Error on a wish that cannot be kept.
 */
export function decideValidity(
  issuer: Pick<Certificate, 'notBefore' | 'notAfter'>,
  { validityDays, ...wished }: Pick<IssuanceRequest, 'validityDays' | 'notBefore' | 'notAfter'>,
  now: number,
): { notBefore: number; notAfter: number } {
  // BR 6.3.2 and RFC 5280 section 4.1.2.5: both ends count, so a day ends one second before the next begins.
  const span = validityDays * dayMs - 1000
  const earliest = Math.max(Math.ceil((now - backdateMs) / 1000) * 1000, issuer.notBefore)
  // What was asked for may be a whole number of days long. An end far away leaves less of the hour for slow clocks.
  const longest = validityDays * dayMs
  const notBefore = wished.notBefore ?? (wished.notAfter === undefined ? earliest : Math.max(earliest, wished.notAfter - longest))
  const notAfter = wished.notAfter ?? Math.min(notBefore + span, issuer.notAfter)
  if (notBefore % 1000 !== 0 || notAfter % 1000 !== 0) throw new Error('a certificate begins and ends with whole seconds')
  assertBegin(notBefore, now)
  if (wished.notBefore === undefined && notBefore > now) throw new Error('the end asked for is further away than the product allows')
  if (notAfter - notBefore > longest) throw new Error('the validity asked for is longer than the product allows')
  if (notAfter > issuer.notAfter) throw new Error('the certificate would outlive the issuing CA')
  if (notAfter <= now) throw new Error('the certificate would have ended already: the issuing CA is at its end')
  return { notBefore, notAfter }
}

/** Throws a plain Error on a begin further back or ahead than any wish may lie. */
export function assertBegin(notBefore: number, now: number): void {
  if (notBefore < now - furthestBackMs) throw new Error('the certificate would begin over 48 hours ago')
  if (notBefore > now + furthestAheadMs) throw new Error('the certificate would begin over 30 days from now')
}
