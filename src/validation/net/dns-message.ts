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

/** The header: id, flags, and how many records each of the four sections has (RFC 1035 section 4.1.1). */
export const headerOctets = 12
export const truncatedFlag = 1 << 9
export const authenticData = 1 << 5
const recursionDesired = 1 << 8
const optOctets = 11
const udpPayloadOctets = 1232
const dnssecOk = 1 << 15

export const typeCodes: Readonly<Record<DnsType, number>> = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 }
export const typeOpt = 41
export const classIn = 1

/**
 * Writes a recursive query with EDNS0 (RFC 6891): 1232 octets of UDP payload, DO and AD set so that a validating resolver says
 * whether it validated (RFC 6840 section 5.7). CD is never set (BR 4.2.2.2). The name must satisfy {@link isDnsName}.
 */
export function encodeQuery({ name, type }: DnsQuestion, id: number): Buffer {
  const nameEnd = headerOctets + name.length + 2
  const query = Buffer.alloc(nameEnd + 4 + optOctets)
  query.writeUInt16BE(id)
  query.writeUInt16BE(recursionDesired | authenticData, 2)
  // One question and one additional record.
  query[5] = 1
  query[11] = 1
  // Each label after its length: that of the first label has a place of its own, those of the others take the places of the dots.
  query.write(name, headerOctets + 1, 'latin1')
  let label = headerOctets
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    query[label] = headerOctets + dot - label
    label = headerOctets + 1 + dot
  }
  query[label] = nameEnd - 2 - label
  query.writeUInt16BE(typeCodes[type], nameEnd)
  query.writeUInt16BE(classIn, nameEnd + 2)
  // OPT at the root: its class is the size of payloads, its TTL holds the flags.
  query.writeUInt16BE(typeOpt, nameEnd + 5)
  query.writeUInt16BE(udpPayloadOctets, nameEnd + 7)
  query.writeUInt16BE(dnssecOk, nameEnd + 11)
  return query
}

/** True for names that fit a question: labels of 1 to 63 printable ASCII octets, 253 octets in all (RFC 1035 section 2.3.4). */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && dnsName.test(name)
}

/** `-/` leaves out the dot. */
const dnsName = /^(?:[!-\-/-~]{1,63}\.)*[!-\-/-~]{1,63}$/

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
