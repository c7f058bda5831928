import { createCipheriv, createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { contextTag, encodeInteger, encodeNull, encodeOctetString, encodeSequence, encodeSetOf, encodeTlv, tags } from './der-writer.ts'
import { encodeOid } from './oid.ts'
import { deriveMacKey } from './pkcs12-key.ts'

/** A private key with its certificates, to be put into one file under a password. */
export interface KeyStoreContent {
  /** PrivateKeyInfo, not encrypted (RFC 5208). */
  readonly pkcs8Der: Uint8Array
  /** Leaf first, at least one. */
  readonly certificates: readonly Uint8Array[]
  /** Printable ASCII: programs disagree about the octets of anything else. */
  readonly password: string
  /** What programs list the key under: lower-case letters, digits, `-` and `.`. */
  readonly alias: string
}

export interface Pkcs12Surroundings {
  readonly randomBytes: (length: number) => Uint8Array
  /** See {@link deriveMacKey}. */
  readonly pause: () => Promise<void>
}

/** OpenSSL takes 2,048 by default and Java 10,000; the MAC would give away the password of a lower count. */
const ITERATIONS = 100_000

const oid = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const

/**
 * A PKCS #12 file (RFC 7292): key and certificates each under PBES2 with AES-256-CBC and PBKDF2 of HMAC-SHA-256 (RFC 8018 section 6.2), all
 * of it under an HMAC-SHA-256. Java 11 and OpenSSL 1.1 read it, and later ones.
 */
export async function encodePkcs12(content: KeyStoreContent, surroundings: Pkcs12Surroundings): Promise<Uint8Array> {
  const { certificates, password, pkcs8Der } = content
  const leaf = certificates[0]
  if (leaf === undefined) throw new Error('a key store without certificates')
  assertPassword(password)
  // Tells which certificate is the key's.
  const localKeyId = encodeAttribute(oid.localKeyId, encodeOctetString(createHash('sha1').update(leaf).digest()))
  const ofKey = [encodeAttribute(oid.friendlyName, encodeBmpString(content.alias)), localKeyId]
  const certBags = certificates.map((der, i) => encodeBag(oid.certBag, encodeCertBag(der), i === 0 ? ofKey : []))
  const sealedCerts = await encrypt(encodeSequence(...certBags), password, surroundings)
  const sealedKey = await encrypt(pkcs8Der, password, surroundings)
  const keyBag = encodeBag(oid.shroudedKeyBag, encodeSequence(sealedKey.algorithm, encodeOctetString(sealedKey.octets)), ofKey)
  const safe = encodeSequence(encodeEncryptedData(sealedCerts), encodeData(encodeSequence(keyBag)))
  return encodeSequence(encodeInteger(3), encodeData(safe), await encodeMac(safe, password, surroundings))
}

/** Throws a plain Error on what programs would read differently. */
export function assertPassword(password: string): void {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error('a password of a key store is printable ASCII')
}

interface Encrypted {
  /** AlgorithmIdentifier. */
  readonly algorithm: Uint8Array
  readonly octets: Uint8Array
}

async function encrypt(plain: Uint8Array, password: string, { randomBytes }: Pkcs12Surroundings): Promise<Encrypted> {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = await promisify(pbkdf2)(password, salt, ITERATIONS, 32, 'sha256')
  try {
    const cipher = createCipheriv('aes-256-cbc', key, iv)
    return { algorithm: encodePbes2(salt, iv), octets: Buffer.concat([cipher.update(plain), cipher.final()]) }
  } finally {
    key.fill(0)
  }
}

function encodePbes2(salt: Uint8Array, iv: Uint8Array): Uint8Array {
  const random = encodeSequence(encodeOid(oid.hmacWithSha256), encodeNull())
  const derivation = encodeSequence(encodeOctetString(salt), encodeInteger(ITERATIONS), encodeInteger(32), random)
  return encodeSequence(
    encodeOid(oid.pbes2),
    encodeSequence(encodeSequence(encodeOid(oid.pbkdf2), derivation), encodeSequence(encodeOid(oid.aes256Cbc), encodeOctetString(iv))),
  )
}

async function encodeMac(safe: Uint8Array, password: string, { randomBytes, pause }: Pkcs12Surroundings): Promise<Uint8Array> {
  const salt = randomBytes(16)
  const key = await deriveMacKey({ password, salt, iterations: ITERATIONS }, pause)
  const digest = createHmac('sha256', key).update(safe).digest()
  const digestInfo = encodeSequence(encodeSequence(encodeOid(oid.sha256), encodeNull()), encodeOctetString(digest))
  return encodeSequence(digestInfo, encodeOctetString(salt), encodeInteger(ITERATIONS))
}

function encodeCertBag(der: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid.x509Certificate), explicit(encodeOctetString(der)))
}

function encodeBag(type: string, value: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOid(type), explicit(value), ...(attributes.length === 0 ? [] : [encodeSetOf(...attributes)]))
}

function encodeAttribute(type: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(type), encodeSetOf(value))
}

/** ContentInfo of plain data (RFC 5652 section 4). */
function encodeData(octets: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid.data), explicit(encodeOctetString(octets)))
}

/** ContentInfo of EncryptedData (RFC 5652 section 8). */
function encodeEncryptedData({ algorithm, octets }: Encrypted): Uint8Array {
  const content = encodeSequence(encodeOid(oid.data), algorithm, encodeTlv(contextTag(0, 'primitive'), octets))
  return encodeSequence(encodeOid(oid.encryptedData), explicit(encodeSequence(encodeInteger(0), content)))
}

function explicit(value: Uint8Array): Uint8Array {
  return encodeTlv(contextTag(0, 'constructed'), value)
}

function encodeBmpString(text: string): Uint8Array {
  return encodeTlv(tags.bmpString, Buffer.from(text, 'utf16le').swap16())
}
