const ISO_8601 = /^([1-9]\d{3})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * Reads a time of ISO 8601 with `Z` or an offset, e.g. `2026-01-15T16:00:00+08:00`. Seconds and milliseconds may be left out.
 *
 * @returns milliseconds since 1970; undefined if it is none or no such day exists
 */
export function readInstant(text: string): number | undefined {
  const [, year, month, day, hour, minute, second = '0', fraction = '0', sign, offsetHour = '0', offsetMinute = '0'] =
    ISO_8601.exec(text) ?? []
  if (year === undefined) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(offsetHour) > 23 || Number(offsetMinute) > 59)
    return undefined
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  // February 30 would silently become March 2.
  if (!new Date(midnight).toISOString().startsWith(`${year}-${month}-${day}`)) return undefined
  const offsetMinutes = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1)
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes
  return midnight + minutes * 60_000 + Number(second) * 1000 + Number(fraction.padEnd(3, '0'))
}
