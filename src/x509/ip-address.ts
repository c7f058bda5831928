/**
 * The 4 or 16 octets of an IP address (RFC 5280 section 4.2.1.6), or undefined for what is none. Each address has one spelling: dotted decimal,
 * or the text form of RFC 5952 without a dotted part. No zone.
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const octets = text.includes(':') ? parseVersion6(text) : parseVersion4(text)
  return octets !== undefined && formatIpAddress(octets) === text ? octets : undefined
}

/** Writes 4 or 16 octets as {@link parseIpAddress} reads them. Throws a plain Error on another number. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16) throw new Error('an IP address has 4 or 16 octets')
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i] ?? 0) * 256 + (octets[2 * i + 1] ?? 0))
  const { start, length } = longestZeros(groups)
  const [front, back] = [groups.slice(0, start), groups.slice(start + length)].map((part) =>
    part.map((group) => group.toString(16)).join(':'),
  )
  return length === 0 ? `${front}${back}` : `${front}::${back}`
}

/** The run that `::` stands for: the longest of at least two groups, of equals the first one (RFC 5952 section 4.2). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: groups.length, length: 0 }
  for (let start = 0; start < groups.length; start += 1) {
    let end = start
    while (groups[end] === 0) end += 1
    if (end - start >= 2 && end - start > longest.length) longest = { start, length: end - start }
  }
  return longest
}

function parseVersion4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return Uint8Array.from(parts.map(Number))
}

function parseVersion6(text: string): Uint8Array | undefined {
  const [front = [], back, ...more] = text.split('::').map((part) => (part === '' ? [] : part.split(':')))
  if (more.length > 0) return undefined
  const missing = 8 - front.length - (back?.length ?? 0)
  if (back === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...(back ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  return Uint8Array.from(groups.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]))
}
