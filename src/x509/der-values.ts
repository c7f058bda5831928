import { DerError } from './der-error.ts'
import { assertTag, type DerValue } from './der-reader.ts'
import { tags } from './der-writer.ts'

/** BOOLEAN, whose TRUE is FF only (X.690 section 11.1). Throws DerError. */
export function readBoolean(value: DerValue): boolean {
  const { content } = assertTag(value, tags.boolean)
  const octet = content[0]
  if (content.length !== 1 || (octet !== 0 && octet !== 0xff)) throw new DerError('not a BOOLEAN')
  return octet === 0xff
}

/** The two's complement octets of an INTEGER, held to be minimal (X.690 section 8.3.2). Throws DerError. */
export function readIntegerOctets(value: DerValue, tag: number = tags.integer): Uint8Array {
  const { content } = assertTag(value, tag)
  const [first, second] = content
  if (first === undefined) throw new DerError('INTEGER without octets')
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new DerError('INTEGER not minimal')
  }
  return content
}

/** The magnitude of an INTEGER >= 0, without a leading zero octet (but one for 0). Throws DerError. */
export function readUnsigned(value: DerValue, tag: number = tags.integer): Uint8Array {
  const octets = readIntegerOctets(value, tag)
  if ((octets[0] ?? 0) >= 0x80) throw new DerError('negative INTEGER')
  return octets[0] === 0 && octets.length > 1 ? octets.subarray(1) : octets
}

/** An INTEGER from 0 to 2^53 - 1 as a number. Throws DerError. */
export function readSmallInteger(value: DerValue, tag: number = tags.integer): number {
  const magnitude = readUnsigned(value, tag)
  const number = magnitude.length > 7 ? Infinity : magnitude.reduce((sum, octet) => sum * 256 + octet, 0)
  if (!Number.isSafeInteger(number)) throw new DerError('INTEGER too large')
  return number
}

/** The octets of a BIT STRING that has no unused bits: a key or a signature. Throws DerError. */
export function readBitStringOctets(value: DerValue): Uint8Array {
  const { content } = assertTag(value, tags.bitString)
  if (content[0] !== 0) throw new DerError('BIT STRING not of whole octets')
  return content.subarray(1)
}

/** The numbers of the bits set in a BIT STRING of named bits (X.690 section 11.2). Throws DerError. */
export function readNamedBits(value: DerValue): number[] {
  const { content } = assertTag(value, tags.bitString)
  const unused = content[0]
  const octets = content.subarray(1)
  const last = octets.at(-1)
  if (unused === undefined || unused > 7 || octets.length > 4) throw new DerError('not a BIT STRING of named bits')
  if (last === undefined ? unused !== 0 : ((last >> unused) & 1) === 0 || (last & ((1 << unused) - 1)) !== 0) {
    throw new DerError('BIT STRING of named bits not minimal')
  }
  const bits: number[] = []
  octets.forEach((octet, i) => {
    for (let bit = 0; bit < 8; bit += 1) if ((octet & (0x80 >> bit)) !== 0) bits.push(i * 8 + bit)
  })
  return bits
}

/** The contents of an OCTET STRING. Throws DerError. */
export function readOctetString(value: DerValue): Uint8Array {
  return assertTag(value, tags.octetString).content
}

/** Visible ASCII (an IA5String of names and addresses, under any tag). Throws DerError. */
export function readAscii(value: DerValue): string {
  const text = Buffer.from(value.content).toString('latin1')
  if (!/^[\x21-\x7e]+$/.test(text)) throw new DerError('not visible ASCII')
  return text
}

/** One of the string types of RFC 5280 section 4.1.2.4 (DirectoryString) or IA5String, as text. Throws DerError. */
export function readText(value: DerValue): string {
  const octets = Buffer.from(value.content)
  switch (value.tag) {
    case tags.utf8String:
      return decodeUtf8(octets)
    case tags.printableString:
      return matchText(octets.toString('latin1'), /^[A-Za-z0-9 '()+,\-./:=?]*$/)
    case tags.ia5String:
      // oxlint-disable-next-line no-control-regex -- IA5String is ASCII with its control characters
      return matchText(octets.toString('latin1'), /^[\x00-\x7f]*$/)
    case tags.teletexString:
      return octets.toString('latin1')
    case tags.bmpString:
      if (octets.length % 2 !== 0) throw new DerError('BMPString of odd length')
      return matchText(octets.swap16().toString('utf16le'), /^[^\uD800-\uDFFF]*$/)
    default:
      throw new DerError('not a string type of names')
  }
}

function decodeUtf8(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch (cause) {
    throw new DerError('not UTF-8', { cause })
  }
}

function matchText(text: string, alphabet: RegExp): string {
  if (!alphabet.test(text)) throw new DerError('character outside the alphabet of its string type')
  return text
}
