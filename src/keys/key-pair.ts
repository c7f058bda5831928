import { createPrivateKey, generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'

/** Algorithms of keys in custody, in the API's spelling. */
export const keyAlgorithms = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'ECC_256', 'ECC_384'] as const

export type KeyAlgorithm = (typeof keyAlgorithms)[number]

/** A key pair in DER. The caller seals `pkcs8Der` and wipes it. */
export interface KeyPair {
  /** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). */
  readonly spkiDer: Uint8Array
  /** PrivateKeyInfo, not encrypted (RFC 5208). */
  readonly pkcs8Der: Uint8Array
}

/** The algorithm of that exact name, or undefined. */
export function parseKeyAlgorithm(text: string): KeyAlgorithm | undefined {
  return keyAlgorithms.find((algorithm) => algorithm === text)
}

/**
 * Makes a key pair. RSA: public exponent 65537, rsaEncryption; takes from tens of milliseconds to seconds, in the thread pool.
 * EC: P-256 or P-384 as a named curve (RFC 5480 section 2.1.1.1). Randomness is OpenSSL's own.
 */
export function generateKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  return generators[algorithm]()
}

/**
 * The private key as clean PEM (RFC 7468): LF line ends, nothing before or after, one LF last.
 * RSA as PKCS #1 (`RSA PRIVATE KEY`, RFC 8017 appendix A.1.2), EC as SEC 1 (`EC PRIVATE KEY`, RFC 5915).
 *
 * @throws Error if `pkcs8Der` is not an unencrypted RSA or EC key
 */
export function privateKeyPem(pkcs8Der: Uint8Array): string {
  const key = createPrivateKey({ key: Buffer.from(pkcs8Der.buffer, pkcs8Der.byteOffset, pkcs8Der.length), format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' })
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' })
  throw new Error(`A private key of type ${key.asymmetricKeyType ?? 'unknown'} has no PEM form here.`)
}

const generators = {
  RSA_2048: () => generateRsa(2048),
  RSA_3072: () => generateRsa(3072),
  RSA_4096: () => generateRsa(4096),
  ECC_256: () => generateEc('P-256'),
  ECC_384: () => generateEc('P-384'),
} as const satisfies Record<KeyAlgorithm, () => Promise<KeyPair>>

const generatePair = promisify(generate)
const encodings = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const

async function generateRsa(modulusLength: number): Promise<KeyPair> {
  const { publicKey, privateKey } = await generatePair('rsa', { modulusLength, publicExponent: 65537, ...encodings })
  return { spkiDer: publicKey, pkcs8Der: privateKey }
}

async function generateEc(namedCurve: 'P-256' | 'P-384'): Promise<KeyPair> {
  const { publicKey, privateKey } = await generatePair('ec', { namedCurve, paramEncoding: 'named', ...encodings })
  return { spkiDer: publicKey, pkcs8Der: privateKey }
}
