import { AUTHENTIC_DATA, RECURSION_DESIRED, decode } from 'dns-packet'
import type { Answer } from 'dns-packet'

/** Record types this service asks for. */
export type DnsType = 'TXT' | 'CNAME' | 'A' | 'AAAA'

export interface DnsQuestion {
  /** A-label name without the final dot. */
  readonly name: string
  readonly type: DnsType
}

/**
 * One record of an answer section. `value` is the joined character-strings of a TXT record with one character per octet (latin1),
 * the target of a CNAME, or an address.
 */
export interface DnsRecord {
  readonly name: string
  readonly type: DnsType
  readonly ttlSeconds: number
  readonly value: string
}

/** What one response says. `ad` is the bare bit of the header: whether to trust it depends on the resolver. */
export interface DnsReply {
  /** Mnemonic of the (extended) response code, e.g. `NXDOMAIN`; `RCODE<n>` without one. */
  readonly rcode: string
  readonly truncated: boolean
  readonly ad: boolean
  readonly records: readonly DnsRecord[]
}

const headerOctets = 12
const optOctets = 11
const udpPayloadOctets = 1232
const dnssecOk = 1 << 15

/**
 * Writes a recursive query with EDNS0 (RFC 6891): 1232 octets of UDP payload, DO and AD set so that a validating resolver says
 * whether it validated (RFC 6840 section 5.7). CD is never set (BR 4.2.2.2). The name must satisfy {@link isDnsName}.
 */
export function encodeQuery({ name, type }: DnsQuestion, id: number): Buffer {
  const questionEnd = headerOctets + name.length + 2 + 4
  const query = Buffer.alloc(questionEnd + optOctets)
  query.writeUInt16BE(id)
  query.writeUInt16BE(RECURSION_DESIRED | AUTHENTIC_DATA, 2)
  // One question and one additional record.
  query[5] = 1
  query[11] = 1
  let offset = headerOctets
  for (const label of name.split('.')) {
    query[offset] = label.length
    query.write(label, offset + 1, 'latin1')
    offset += 1 + label.length
  }
  query.writeUInt16BE(typeCodes[type], questionEnd - 4)
  query.writeUInt16BE(classIn, questionEnd - 2)
  // OPT at the root: its class is the size of payloads, its TTL holds the flags.
  query.writeUInt16BE(typeOpt, questionEnd + 1)
  query.writeUInt16BE(udpPayloadOctets, questionEnd + 3)
  query.writeUInt16BE(dnssecOk, questionEnd + 7)
  return query
}

const typeCodes: Readonly<Record<DnsType, number>> = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 }
const typeOpt = 41
const classIn = 1

/** True for names that fit a question: labels of 1 to 63 printable ASCII octets, 253 octets in all (RFC 1035 section 2.3.4). */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[!-~]{1,63}$/.test(label))
}

/** Compares two names as DNS does: ASCII letters without case (RFC 4343). */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/**
 * Tells whether a message answers a query made by {@link encodeQuery}: same id, a response of the same operation, and the same
 * question octet for octet except the case of the name (RFC 5452 section 9.1). Looks at nothing else, and never throws.
 */
export function isReplyTo(query: Uint8Array, message: Uint8Array): boolean {
  const questionEnd = query.length - optOctets
  if (message.length < questionEnd) return false
  const [idHigh, idLow, flags] = message
  if (idHigh !== query[0] || idLow !== query[1]) return false
  const isResponse = ((flags ?? 0) & 0xf8) === 0x80
  const hasOneQuestion = message[4] === 0 && message[5] === 1
  return isResponse && hasOneQuestion && isSameQuestion(query, message, questionEnd)
}

function isSameQuestion(query: Uint8Array, message: Uint8Array, end: number): boolean {
  const nameEnd = end - 4
  for (let i = headerOctets; i < end; i += 1) {
    const asked = query[i] ?? 0
    const answered = message[i] ?? 0
    // Length octets are below 64, so folding the case of the whole name cannot confuse them.
    if (asked !== answered && (i >= nameEnd || foldCase(asked) !== foldCase(answered))) return false
  }
  return true
}

function foldCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet
}

/** Reads a response. Throws an Error on octets that are no DNS message; records of other classes and types are left out. */
export function decodeReply(message: Buffer): DnsReply {
  assertSections(message)
  const packet = decode(message)
  const opt = (packet.additionals ?? []).find((record) => record.type === 'OPT')
  const code = ((opt?.extendedRcode ?? 0) << 4) | ((packet.flags ?? 0) & 0xf)
  return {
    rcode: rcodeNames[code] ?? `RCODE${code}`,
    truncated: packet.flag_tc,
    ad: packet.flag_ad,
    records: (packet.answers ?? []).flatMap(readRecord),
  }
}

/** Walks all sections by their lengths: the decoder trusts them and goes astray, without an error, where one lies. */
function assertSections(message: Buffer): void {
  let offset = headerOctets
  for (let left = message.readUInt16BE(4); left > 0; left -= 1) offset = skipName(message, offset) + 4
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  for (let left = records; left > 0; left -= 1) {
    const fixed = skipName(message, offset)
    offset = fixed + 10 + message.readUInt16BE(fixed + 8)
    if (offset > message.length) throw new Error('a record ends after the message')
  }
}

function skipName(message: Buffer, start: number): number {
  let offset = start
  for (;;) {
    const length = message.readUInt8(offset)
    if (length === 0) return offset + 1
    if (length >= 0xc0) return offset + 2
    offset += 1 + length
  }
}

function readRecord(answer: Answer): DnsRecord[] {
  if (answer.type === 'OPT' || answer.class !== 'IN') return []
  const { name, ttl: ttlSeconds = 0 } = answer
  if (answer.type === 'TXT') return [{ name, type: 'TXT', ttlSeconds, value: [answer.data].flat().map(readOctets).join('') }]
  if (answer.type === 'CNAME' || answer.type === 'A' || answer.type === 'AAAA') {
    return [{ name, type: answer.type, ttlSeconds, value: answer.data }]
  }
  return []
}

function readOctets(octets: string | Buffer): string {
  return typeof octets === 'string' ? octets : octets.toString('latin1')
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
