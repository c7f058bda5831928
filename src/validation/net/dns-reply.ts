import { authenticData, classIn, headerOctets, truncatedFlag, typeCodes, typeOpt } from './dns-message.ts'
import type { DnsRecord, DnsType } from './dns-message.ts'

/** What one response says. `ad` is the bare bit of the header: whether to trust it depends on the resolver. */
export interface DnsReply {
  /** Mnemonic of the (extended) response code, e.g. `NXDOMAIN`; `RCODE<n>` without one. */
  readonly rcode: string
  readonly truncated: boolean
  readonly ad: boolean
  readonly records: readonly DnsRecord[]
}

const typesByCode: ReadonlyMap<number, DnsType> = new Map([
  [typeCodes.A, 'A'],
  [typeCodes.CNAME, 'CNAME'],
  [typeCodes.TXT, 'TXT'],
  [typeCodes.AAAA, 'AAAA'],
])

const pointerMark = 0xc0
const longestLabel = 63
/** Octets, without the root's (RFC 1035 section 2.3.4). */
const longestName = 254

/**
 * Reads a response. Throws an Error on octets that are no DNS message. Records of other classes and types are left out: of them, and of the
 * sections after the answers, only the lengths are read.
 */
export function decodeReply(message: Buffer): DnsReply {
  const flags = message.readUInt16BE(2)
  let offset = headerOctets
  for (let left = message.readUInt16BE(4); left > 0; left -= 1) offset = skipName(message, offset) + 4
  const records: DnsRecord[] = []
  for (let left = message.readUInt16BE(6); left > 0; left -= 1) {
    const at = readPlace(message, offset)
    const record = readRecord(message, offset, at)
    if (record !== undefined) records.push(record)
    offset = at.end
  }
  for (let left = message.readUInt16BE(8); left > 0; left -= 1) offset = readPlace(message, offset).end
  let extendedCode: number | undefined
  for (let left = message.readUInt16BE(10); left > 0; left -= 1) {
    const { fixed, end } = readPlace(message, offset)
    // OPT holds the upper bits of the code where other records hold the first octet of the TTL (RFC 6891 section 6.1.3).
    if (message.readUInt16BE(fixed) === typeOpt) extendedCode ??= message.readUInt8(fixed + 4)
    offset = end
  }
  const code = ((extendedCode ?? 0) << 4) | (flags & 0xf)
  return {
    rcode: rcodeNames[code] ?? `RCODE${code}`,
    truncated: (flags & truncatedFlag) !== 0,
    ad: (flags & authenticData) !== 0,
    records,
  }
}

/** Where a record has its fixed fields (type, class, TTL, length of the data), its data, and its end. */
interface Place {
  readonly fixed: number
  readonly data: number
  readonly end: number
}

function readPlace(message: Buffer, start: number): Place {
  const fixed = skipName(message, start)
  const data = fixed + 10
  const end = data + message.readUInt16BE(fixed + 8)
  if (end > message.length) throw new Error('a record ends after the message')
  return { fixed, data, end }
}

function skipName(message: Buffer, start: number): number {
  let offset = start
  for (;;) {
    const length = message.readUInt8(offset)
    if (length === 0) return offset + 1
    if (length >= pointerMark) return offset + 2
    if (length > longestLabel) throw new Error('a label of an unknown kind')
    offset += 1 + length
  }
}

function readRecord(message: Buffer, start: number, { fixed, data, end }: Place): DnsRecord | undefined {
  if (message.readUInt16BE(fixed + 2) !== classIn) return undefined
  const type = typesByCode.get(message.readUInt16BE(fixed))
  if (type === undefined) return undefined
  return { name: readName(message, start), type, ttlSeconds: message.readUInt32BE(fixed + 4), value: readValue(message, type, data, end) }
}

function readValue(message: Buffer, type: DnsType, start: number, end: number): string {
  switch (type) {
    case 'A':
      if (end - start !== 4) throw new Error('an IPv4 address of another length')
      return `${message[start]}.${message[start + 1]}.${message[start + 2]}.${message[start + 3]}`
    case 'AAAA':
      if (end - start !== 16) throw new Error('an IPv6 address of another length')
      return readSixAddress(message, start)
    case 'CNAME':
      if (skipName(message, start) !== end) throw new Error('a target of another length')
      return readName(message, start)
    case 'TXT':
      return readStrings(message, start, end)
    default:
      return type satisfies never
  }
}

const mostLabels = 127

/** A name without the final dot, `.` for the root. Pointers only lead back (RFC 1035 section 4.1.4), so that the reading ends. */
function readName(message: Buffer, start: number): string {
  let name = ''
  let octets = 0
  let jumps = 0
  let offset = start
  let earliest = start
  for (;;) {
    const length = message.readUInt8(offset)
    if (length === 0) return name === '' ? '.' : name
    if (length >= pointerMark) {
      offset = message.readUInt16BE(offset) & 0x3fff
      jumps += 1
      // No name has more labels: what jumps on without any only costs time.
      if (offset >= earliest || jumps > mostLabels) throw new Error('a name that does not point back')
      earliest = offset
      continue
    }
    if (length > longestLabel) throw new Error('a label of an unknown kind')
    octets += 1 + length
    if (octets > longestName || offset + 1 + length > message.length) throw new Error('a name that is too long')
    const label = message.toString('utf8', offset + 1, offset + 1 + length)
    name = name === '' ? label : `${name}.${label}`
    offset += 1 + length
  }
}

/** Character-strings, each after an octet with its length, with one character for each of their octets. */
function readStrings(message: Buffer, start: number, end: number): string {
  let value = ''
  for (let offset = start; offset < end;) {
    const next = offset + 1 + message.readUInt8(offset)
    if (next > end) throw new Error('a string ends after its record')
    value += message.toString('latin1', offset + 1, next)
    offset = next
  }
  return value
}

function readSixAddress(message: Buffer, start: number): string {
  const groups: string[] = []
  for (let offset = start; offset < start + 16; offset += 2) groups.push(message.readUInt16BE(offset).toString(16))
  return groups
    .join(':')
    .replace(/(^|:)0(:0)*:0(:|$)/, '$1::$3')
    .replace(/:{3,4}/, '::')
}

/** IANA DNS RCODEs. */
const rcodeNames: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADVERS',
  23: 'BADCOOKIE',
}
