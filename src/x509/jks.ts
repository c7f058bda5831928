import { createHash } from 'node:crypto'
import { encodeNull, encodeOctetString, encodeSequence } from './der-writer.ts'
import { encodeOid } from './oid.ts'
import { assertPassword, type KeyStoreContent } from './pkcs12.ts'

export interface JksSurroundings {
  readonly randomBytes: (length: number) => Uint8Array
  /** When the entry was made, ms: `keytool -list` shows it. */
  readonly now: number
}

/** The key protector of the Sun provider. */
const KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1'
/** Stands before the contents in the digest of the whole. */
const WHITENER = 'Mighty Aphrodite'
const DIGEST = 20

/**
 * A Java key store of the form JKS, version 2, with one private key; key and store have the same password. The form knows SHA-1 alone, and one
 * round of it: whoever gets the file can try passwords fast. PKCS #12 is the better one wherever it is read. (The form is that of OpenJDK's
 * JavaKeyStore and KeyProtector; there is no other description.)
 */
export function encodeJks(content: KeyStoreContent, { randomBytes, now }: JksSurroundings): Uint8Array {
  const { certificates, pkcs8Der, alias } = content
  if (certificates.length === 0) throw new Error('a key store without certificates')
  assertPassword(content.password)
  const password = Buffer.from(content.password, 'utf16le').swap16()
  const entry = Buffer.concat([
    int(1),
    text(alias),
    long(now),
    counted(encodeProtectedKey(pkcs8Der, password, randomBytes(DIGEST))),
    int(certificates.length),
    ...certificates.flatMap((der) => [text('X.509'), counted(der)]),
  ])
  const store = Buffer.concat([int(0xfeedfeed), int(2), int(1), entry])
  return Buffer.concat([store, sha1(password, Buffer.from(WHITENER), store)])
}

/** EncryptedPrivateKeyInfo (RFC 5208 section 6) of the key protector. */
function encodeProtectedKey(plain: Uint8Array, password: Uint8Array, salt: Uint8Array): Uint8Array {
  const octets = Buffer.concat([salt, mask(plain, password, salt), sha1(password, plain)])
  return encodeSequence(encodeSequence(encodeOid(KEY_PROTECTOR), encodeNull()), encodeOctetString(octets))
}

/** Exclusive or with a stream of digests, each of the password and the one before it. Undoes itself. */
function mask(octets: Uint8Array, password: Uint8Array, salt: Uint8Array): Uint8Array {
  const masked = Buffer.from(octets)
  let stream = salt
  for (let i = 0; i < masked.length; i += 1) {
    if (i % DIGEST === 0) stream = sha1(password, stream)
    masked[i] = (masked[i] ?? 0) ^ (stream[i % DIGEST] ?? 0)
  }
  return masked
}

function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash('sha1')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

/** ASCII, as Java writes UTF: two octets of length. */
function text(ascii: string): Uint8Array {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(ascii.length)
  return Buffer.concat([length, Buffer.from(ascii, 'latin1')])
}

function counted(octets: Uint8Array): Uint8Array {
  return Buffer.concat([int(octets.length), octets])
}

function int(value: number): Uint8Array {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  return octets
}

function long(value: number): Uint8Array {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(BigInt(value))
  return octets
}
