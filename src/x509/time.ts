import { DerError } from './der-error.ts'
import type { DerValue } from './der-reader.ts'
import { tags } from './der-writer.ts'

const firstOfUtcTime = Date.UTC(1950, 0, 1)
const endOfUtcTime = Date.UTC(2050, 0, 1)
const endOfGeneralizedTime = Date.UTC(10_000, 0, 1)

/** UTCTime from 1950 through 2049, GeneralizedTime afterwards, whole seconds, cut off (RFC 5280 section 4.1.2.5). Input: ms since 1970. */
export function encodeTime(ms: number): Uint8Array {
  if (!(ms >= firstOfUtcTime && ms < endOfGeneralizedTime)) throw new Error(`not a time of a certificate: ${ms}`)
  const date = new Date(ms)
  const year = date.getUTCFullYear()
  const clock = [date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  return year < 2050
    ? encodeDigits(tags.utcTime, [year % 100, ...clock])
    : encodeDigits(tags.generalizedTime, [Math.floor(year / 100), year % 100, ...clock])
}

/** Numbers of two digits each, then Z. Octet by octet, because a CRL has a time in each of its 100,000 entries. */
function encodeDigits(tag: number, numbers: readonly number[]): Uint8Array {
  const der = new Uint8Array(numbers.length * 2 + 3)
  der[0] = tag
  der[1] = numbers.length * 2 + 1
  let offset = 2
  for (const number of numbers) {
    der[offset] = 0x30 + Math.floor(number / 10)
    der[offset + 1] = 0x30 + (number % 10)
    offset += 2
  }
  der[offset] = 0x5a
  return der
}

/** Milliseconds since 1970 of a Time; the wrong type for its year is refused (RFC 5280 section 4.1.2.5). Throws DerError. */
export function readTime(value: DerValue): number {
  const text = Buffer.from(value.content).toString('latin1')
  const utc = value.tag === tags.utcTime
  if (!utc && value.tag !== tags.generalizedTime) throw new DerError('not a time')
  if (!(utc ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) throw new DerError('not a time in seconds and Z')
  const year = utc ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text.slice(0, 2)}` : text.slice(0, 4)
  const [month, day, hour, minute, second] = text.slice(utc ? 2 : 4, -1).match(/../g) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const ms = Date.parse(iso)
  // Date.parse rolls some impossible days over; the way back shows it.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new DerError('no such time')
  if (!utc && ms >= firstOfUtcTime && ms < endOfUtcTime) throw new DerError('GeneralizedTime before 2050')
  return ms
}
