import { DerError } from './der-error.ts'
import { assertTag, readChildren, readFields, type DerValue } from './der-reader.ts'
import { readText } from './der-values.ts'
import { encodePrintableString, encodeSequence, encodeSetOf, encodeUtf8String, tags } from './der-writer.ts'
import { encodeOid, oids, readOid } from './oid.ts'

/** The attributes that this service writes: of a CA (BR 7.1.2.10.2), and of an organization (BR 7.1.2.7.4). */
export interface DistinguishedName {
  /** EV (EVG 7.1.4.2.4): where the organization is registered, ISO 3166-1 alpha-2, upper case. */
  readonly jurisdictionCountry?: string | undefined
  /** EV (EVG 7.1.4.2.3). */
  readonly businessCategory?: string | undefined
  /** EV (EVG 7.1.4.2.5): the registration number; 1 to 64 characters of a PrintableString. */
  readonly serialNumber?: string | undefined
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string | undefined
  /** 1 to 64 characters. */
  readonly stateOrProvince?: string | undefined
  /** 1 to 64 characters. */
  readonly locality?: string | undefined
  /** 1 to 64 characters. */
  readonly organization?: string | undefined
  /** 1 to 64 characters. Only in requests: a publicly trusted certificate has none (BR 7.1.2.7.4). */
  readonly organizationalUnit?: string | undefined
  /** 1 to 64 characters. */
  readonly commonName?: string | undefined
}

/**
 * A Name with one attribute per RDN, in the order C, ST, L, O, OU, CN; C as PrintableString, the others as UTF8String (BR 7.1.4.1, 7.1.4.2).
 * What EV adds stands before them; of it, country and number are PrintableStrings. An empty name is the empty SEQUENCE. Throws a plain Error on a value outside the rules.
 */
export function encodeName(name: DistinguishedName): Uint8Array {
  const rdns: Uint8Array[] = []
  if (name.jurisdictionCountry !== undefined) rdns.push(encodeRdn(oids.jurisdictionCountryName, encodeCountry(name.jurisdictionCountry)))
  if (name.businessCategory !== undefined) rdns.push(encodeRdn(oids.businessCategory, encodeNameText(name.businessCategory)))
  if (name.serialNumber !== undefined) rdns.push(encodeRdn(oids.serialNumber, encodePrintableString(name.serialNumber)))
  if (name.country !== undefined) rdns.push(encodeRdn(oids.countryName, encodeCountry(name.country)))
  if (name.stateOrProvince !== undefined) rdns.push(encodeRdn(oids.stateOrProvinceName, encodeNameText(name.stateOrProvince)))
  if (name.locality !== undefined) rdns.push(encodeRdn(oids.localityName, encodeNameText(name.locality)))
  if (name.organization !== undefined) rdns.push(encodeRdn(oids.organizationName, encodeNameText(name.organization)))
  if (name.organizationalUnit !== undefined) rdns.push(encodeRdn(oids.organizationalUnitName, encodeNameText(name.organizationalUnit)))
  if (name.commonName !== undefined) rdns.push(encodeRdn(oids.commonName, encodeNameText(name.commonName)))
  return encodeSequence(...rdns)
}

function encodeCountry(code: string): Uint8Array {
  if (!/^[A-Z]{2}$/.test(code)) throw new Error(`not a country code: ${JSON.stringify(code)}`)
  return encodePrintableString(code)
}

function encodeRdn(type: string, value: Uint8Array): Uint8Array {
  return encodeSetOf(encodeSequence(encodeOid(type), value))
}

function encodeNameText(text: string): Uint8Array {
  const fault = findNameTextFault(text)
  if (fault !== undefined) throw new Error(`unfit for a name: ${JSON.stringify(text)}: ${fault}`)
  return encodeUtf8String(text)
}

/**
 * Why a text cannot be an O or CN, or undefined: 1 to 64 characters (RFC 5280 appendix A.1, counted in code points), NFC, no
 * control or format characters, no blank at an end, more than filler (BR 7.1.2.7.3).
 */
export function findNameTextFault(text: string): string | undefined {
  // Most are domain names and the like, which the rules for all other characters need not look at.
  if (/^[!-~]{1,64}$/.test(text)) return /[A-Za-z0-9]/.test(text) ? undefined : NO_SUBSTANCE
  const { length } = Array.from(text)
  if (length < 1 || length > 64) return 'it must have 1 to 64 characters'
  if (!text.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u.test(text)) return 'it has control or unassigned characters'
  if (text.normalize('NFC') !== text) return 'it is not in Unicode form NFC'
  if (text.trim() !== text) return 'it begins or ends with a blank'
  if (!/[\p{L}\p{N}]/u.test(text)) return NO_SUBSTANCE
  return undefined
}

const NO_SUBSTANCE = 'it has neither letter nor digit'

/** One attribute of a name as found: dotted type and text. */
export interface NameAttribute {
  readonly type: string
  readonly text: string
}

/** A name as found: the octets, to be compared and copied (BR 7.1.4.1), and the attributes in order. */
export interface ParsedName {
  readonly der: Uint8Array
  readonly attributes: readonly NameAttribute[]
}

/** Reads a Name. A value that is no string type has the text ''. Throws DerError. */
export function readName(value: DerValue): ParsedName {
  const attributes = readChildren(assertTag(value, tags.sequence)).flatMap((rdn) => {
    const members = readChildren(assertTag(rdn, tags.set))
    if (members.length === 0) throw new DerError('RDN without attributes')
    return members.map(readAttribute)
  })
  return { der: value.der, attributes }
}

function readAttribute(member: DerValue): NameAttribute {
  const fields = readFields(member)
  const type = readOid(fields.take(tags.oid))
  const value = fields.takeAny()
  fields.end()
  return { type, text: stringTags.has(value.tag) ? readText(value) : '' }
}

const stringTags = new Set<number>([tags.utf8String, tags.printableString, tags.ia5String, tags.teletexString, tags.bmpString])

/** The only value of an attribute type in a name; undefined if there is none or more than one. */
export function findAttribute(name: ParsedName, type: string): string | undefined {
  const [first, ...others] = name.attributes.filter((attribute) => attribute.type === type)
  return others.length === 0 ? first?.text : undefined
}
