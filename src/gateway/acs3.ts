import { createHmac, hash } from 'node:crypto'
import { Problem } from '../problem.ts'
import type { Authenticator, Call, Claim } from './authenticator.ts'
import { canonicalQuery, equalsInConstantTime } from './canonical.ts'

/** ACS3 (V3): HMAC over method, path, query, chosen headers and the digest of the body. */
export const acs3: Authenticator = { scheme: 'ACS3', readClaim }

/** Says whether a call announces ACS3: action and version then come from headers. */
export function isAcs3(call: Pick<Call, 'headers'>): boolean {
  return call.headers.get('authorization')?.startsWith('ACS3-') ?? false
}

function readClaim(call: Call): Claim | undefined {
  const header = call.headers.get('authorization')
  if (header === undefined || !isAcs3(call)) return undefined
  const authorization = parseAcs3Authorization(header)
  return {
    accessKeyId: authorization.accessKeyId,
    timestamp: loadHeader(call, 'x-acs-date', 'Timestamp'),
    nonce: loadHeader(call, 'x-acs-signature-nonce', 'SignatureNonce'),
    securityToken: call.headers.get('x-acs-security-token') || undefined,
    verify: (secret) => verifyAcs3(call, secret, authorization),
  }
}

function loadHeader(call: Call, header: string, name: string): string {
  const value = call.headers.get(header)
  if (!value) throw new Problem('missingParameter', { P: name })
  return value
}

const digests = { 'ACS3-HMAC-SHA256': 'sha256', 'ACS3-HMAC-SM3': 'sm3' } as const
type Algorithm = keyof typeof digests

/** The fields of an ACS3 `Authorization` header. */
export interface Acs3Authorization {
  readonly algorithm: Algorithm
  readonly accessKeyId: string
  /** In lower case. */
  readonly signedHeaders: readonly string[]
  /** Lower-case hex. */
  readonly signature: string
}

/**
 * Parses an ACS3 `Authorization` header. Fields are found by name: one client writes them in another order.
 *
 * @throws Problem invalidSignatureMethod for an unknown algorithm, incompleteSignature for anything else
 */
export function parseAcs3Authorization(header: string): Acs3Authorization {
  const space = header.indexOf(' ')
  const algorithm = space === -1 ? header : header.slice(0, space)
  if (!isAlgorithm(algorithm)) throw new Problem('invalidSignatureMethod')
  const fields = new Map<string, string>()
  for (const piece of header.slice(algorithm.length).split(',')) {
    const equals = piece.indexOf('=')
    const name = piece.slice(0, Math.max(equals, 0)).trim()
    if (name === '' || fields.has(name)) throw incomplete('The Authorization header is malformed.')
    fields.set(name, piece.slice(equals + 1).trim())
  }
  const accessKeyId = fields.get('Credential')
  const signedHeaders = fields.get('SignedHeaders')
  const signature = fields.get('Signature')
  if (!accessKeyId || !signedHeaders || !signature) {
    throw incomplete('The Authorization header needs Credential, SignedHeaders and Signature.')
  }
  return { algorithm, accessKeyId, signedHeaders: signedHeaders.toLowerCase().split(';'), signature }
}

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(digests, name)
}

function incomplete(rule: string): Problem {
  return new Problem('incompleteSignature', { rule })
}

/** What an ACS3 signature covers. */
export type Acs3Call = Pick<Call, 'method' | 'path' | 'headers' | 'query' | 'body'>

/**
 * Compares a signature and the declared digest of the body with our own.
 *
 * @throws Problem incompleteSignature if a header that matters is not signed, signatureDoesNotMatch otherwise
 */
export function verifyAcs3(call: Acs3Call, secret: string, authorization: Acs3Authorization): void {
  assertHeadersAreSigned(call.headers, authorization.signedHeaders)
  const digest = digests[authorization.algorithm]
  const bodyDigest = hash(digest, call.body, 'hex')
  const declaredDigest = call.headers.get('x-acs-content-sha256') ?? call.headers.get('x-acs-content-sm3') ?? bodyDigest
  const stringToSign = acs3StringToSign(call, authorization, declaredDigest)
  const expected = createHmac(digest, secret).update(stringToSign).digest('hex')
  const signatureFits = equalsInConstantTime(expected, authorization.signature)
  if (!signatureFits || declaredDigest !== bodyDigest) throw new Problem('signatureDoesNotMatch', { stringToSign })
}

/** A header that steers the call and is not signed could be changed on the way. `host` may be missing: one Java client leaves it out. */
function assertHeadersAreSigned(headers: ReadonlyMap<string, string>, signedHeaders: readonly string[]): void {
  const signed = new Set(signedHeaders)
  for (const name of headers.keys()) {
    if ((name === 'content-type' || name.startsWith('x-acs-')) && !signed.has(name)) {
      throw incomplete(`The header ${name.slice(0, 64)} is not signed.`)
    }
  }
}

/** The text that ACS3 signs: algorithm and digest of the canonical request. */
export function acs3StringToSign(call: Acs3Call, authorization: Acs3Authorization, payloadDigest: string): string {
  const { algorithm, signedHeaders } = authorization
  const names = signedHeaders.toSorted()
  // The same Java client writes the text `null` for a header that it does not send.
  const headers = names.map((name) => `${name}:${call.headers.get(name)?.trim() ?? 'null'}\n`).join('')
  const request = `${call.method}\n${call.path}\n${canonicalQuery(call.query)}\n${headers}\n${names.join(';')}\n${payloadDigest}`
  // Header values are octets held as latin1; the rest is ASCII.
  return `${algorithm}\n${hash(digests[algorithm], Buffer.from(request, 'latin1'), 'hex')}`
}
