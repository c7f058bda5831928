import { createHash } from 'node:crypto'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Up to this lifetime, ms, a certificate is renewed at its half instead of its last third. */
const SHORT_LIVED_MS = 10 * DAY_MS
/** The part of its lifetime that a window takes, and by which windows are moved apart at most. */
const WINDOW_PART = 1 / 50

/** The instants between which a client shall renew, ms, whole seconds. */
export interface RenewalWindow {
  readonly start: number
  readonly end: number
}

/**
 * The window of renewal information (RFC 9773 section 4.2): two thirds into the lifetime, or half for a short one, moved by up to a fiftieth of it
 * so that certificates of one hour are not renewed in one hour. Of a revoked one it is over.
 *
 * @param certificate `id` says how far it is moved; instants in ms
 */
export function suggestWindow(certificate: {
  readonly id: string
  readonly notBefore: number
  readonly notAfter: number
  readonly revokedAt: number | null
}): RenewalWindow {
  const { id, notBefore, notAfter, revokedAt } = certificate
  if (revokedAt !== null) return wholeSeconds(revokedAt - HOUR_MS, revokedAt - 1000)
  const lifetime = notAfter - notBefore
  const width = lifetime * WINDOW_PART
  const start = notBefore + lifetime * (lifetime <= SHORT_LIVED_MS ? 1 / 2 : 2 / 3) + width * fractionOf(id)
  return wholeSeconds(start, start + width)
}

function wholeSeconds(start: number, end: number): RenewalWindow {
  return { start: Math.floor(start / 1000) * 1000, end: Math.floor(end / 1000) * 1000 }
}

/** A number from 0 up to 1 that is always the same for a text. */
function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
}
