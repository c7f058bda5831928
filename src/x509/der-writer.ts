/** Identifier octets used by X.509 (X.690 section 8.1.2). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The identifier octet of a context-specific tag, number 0 to 30. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number
}

/** One value: identifier, minimal definite length, then the contents one after the other (X.690 sections 8.1 and 10.1). */
export function encodeTlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return encodeTlvOf(tag, contents)
}

/** As {@link encodeTlv} with a list of any length: spreading a long list would overflow the stack. */
export function encodeTlvOf(tag: number, contents: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const content of contents) length += content.length
  const count = countLengthOctets(length)
  const der = new Uint8Array(2 + count + length)
  der[0] = tag
  der[1] = count === 0 ? length : 0x80 | count
  for (let i = 1 + count, rest = length; i > 1; i -= 1, rest = Math.floor(rest / 256)) der[i] = rest % 256
  let offset = 2 + count
  for (const content of contents) {
    der.set(content, offset)
    offset += content.length
  }
  return der
}

/** Octets that follow the first one of a length; 0: that one says it. */
function countLengthOctets(length: number): number {
  if (length < 0x80) return 0
  let count = 0
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) count += 1
  return count
}

/** SEQUENCE or SEQUENCE OF, in the order given. */
export function encodeSequence(...items: readonly Uint8Array[]): Uint8Array {
  return encodeTlvOf(tags.sequence, items)
}

/** SET OF: the encodings in ascending order (X.690 section 11.6). */
export function encodeSetOf(...items: readonly Uint8Array[]): Uint8Array {
  return encodeTlvOf(
    tags.set,
    items.toSorted((a, b) => Buffer.compare(a, b)),
  )
}

/** BOOLEAN: FF or 00 (X.690 section 11.1). A DEFAULT FALSE is left out by the caller. */
export function encodeBoolean(value: boolean): Uint8Array {
  return Uint8Array.of(tags.boolean, 1, value ? 0xff : 0x00)
}

/** INTEGER of a whole number >= 0. */
export function encodeInteger(value: number | bigint): Uint8Array {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) throw new Error(`not a whole number from 0 up: ${value}`)
  const hex = value.toString(16)
  return encodeUnsigned(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
}

/** INTEGER of a big-endian magnitude: leading zeros dropped, one put back where the top bit would make it negative (X.690 section 8.3). */
export function encodeUnsigned(magnitude: Uint8Array): Uint8Array {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1
  const digits = magnitude.subarray(start)
  const first = digits[0]
  if (first === undefined) return Uint8Array.of(tags.integer, 1, 0)
  return first < 0x80 ? encodeTlv(tags.integer, digits) : encodeTlv(tags.integer, Uint8Array.of(0), digits)
}

/** ENUMERATED of a number from 0 to 127. */
export function encodeEnumerated(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 127) throw new Error(`not an ENUMERATED of one octet: ${value}`)
  return Uint8Array.of(tags.enumerated, 1, value)
}

/** BIT STRING of whole octets, as for keys and signatures. */
export function encodeBitString(octets: Uint8Array): Uint8Array {
  return encodeTlv(tags.bitString, Uint8Array.of(0), octets)
}

/** BIT STRING with named bits: trailing zero bits are dropped (X.690 section 11.2.2). Bit 0 is the first. */
export function encodeNamedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return Uint8Array.of(tags.bitString, 1, 0)
  const last = Math.max(...bits)
  const octets = new Uint8Array(Math.floor(last / 8) + 1)
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return encodeTlv(tags.bitString, Uint8Array.of(7 - (last & 7)), octets)
}

/** OCTET STRING. */
export function encodeOctetString(octets: Uint8Array): Uint8Array {
  return encodeTlv(tags.octetString, octets)
}

/** NULL. */
export function encodeNull(): Uint8Array {
  return Uint8Array.of(tags.null, 0)
}

/** UTF8String. */
export function encodeUtf8String(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new Error('a lone surrogate has no UTF-8 form')
  return encodeTlv(tags.utf8String, Buffer.from(text, 'utf8'))
}

/** PrintableString; throws on a character outside its alphabet (X.680 section 41.4). */
export function encodePrintableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new Error(`not a PrintableString: ${JSON.stringify(text)}`)
  return encodeTlv(tags.printableString, Buffer.from(text, 'latin1'))
}

/** Visible ASCII under any tag: the IA5String of names and addresses, implicitly tagged. */
export function encodeAscii(tag: number, text: string): Uint8Array {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error(`not visible ASCII: ${JSON.stringify(text)}`)
  return encodeTlv(tag, Buffer.from(text, 'latin1'))
}
