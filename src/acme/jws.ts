import { createHmac, timingSafeEqual, verify } from 'node:crypto'
import { Problem } from '../problem.ts'
import { decodeBase64url } from './base64url.ts'
import type { SigningKey } from './signing-key.ts'
import { asObject, parseStrictObject } from './strict-json.ts'

/** What signs requests, with the hash and the kind of key (RFC 7518 section 3.1, RFC 8037 section 3.1). */
const algorithms = {
  ES256: { kind: 'P-256', hash: 'sha256', octets: 64 },
  ES384: { kind: 'P-384', hash: 'sha384', octets: 96 },
  ES512: { kind: 'P-521', hash: 'sha512', octets: 132 },
  RS256: { kind: 'RSA', hash: 'sha256', octets: undefined },
  EdDSA: { kind: 'Ed25519', hash: null, octets: 64 },
} as const satisfies Record<string, { kind: SigningKey['kind']; hash: string | null; octets: number | undefined }>

/** What an external account binding is signed with. */
const macs = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const

export type SigningAlgorithm = keyof typeof algorithms
export type MacAlgorithm = keyof typeof macs
export const signingAlgorithms = Object.keys(algorithms) as readonly SigningAlgorithm[]
export const macAlgorithms = Object.keys(macs) as readonly MacAlgorithm[]

/** A JWS in flattened form (RFC 7515 section 7.2.2) whose signature nobody has looked at yet. */
export interface Jws {
  /** The protected header; there is no other. */
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Buffer
  readonly signature: Buffer
  readonly signedOctets: Buffer
}

/** Reads the body of a request. @throws Problem acmeMalformed */
export function readJws(body: Buffer): Jws {
  return readFlattened(parseStrictObject(body, 'The body'))
}

/** Reads a JWS that stands inside JSON. @throws Problem acmeMalformed */
export function readFlattened(value: unknown): Jws {
  const jws = asObject(value, 'The JWS')
  // RFC 8555 section 6.2; a header that is not signed says nothing.
  if (jws['signatures'] !== undefined || jws['header'] !== undefined) throw malformed('A JWS has one signature and no unprotected header.')
  const { protected: header, payload, signature } = jws
  const decoded = parseStrictObject(decodeBase64url(header, 'The protected header'), 'The protected header')
  if (decoded['crit'] !== undefined || decoded['b64'] !== undefined) throw malformed('The header members crit and b64 are not served.')
  return {
    header: decoded,
    payload: decodeBase64url(payload, 'The payload'),
    signature: decodeBase64url(signature, 'The signature'),
    signedOctets: Buffer.from(`${String(header)}.${String(payload)}`, 'latin1'),
  }
}

/** @throws Problem acmeBadAlgorithm */
export function readAlgorithm({ header }: Jws): SigningAlgorithm {
  const { alg } = header
  const known = signingAlgorithms.find((name) => name === alg)
  if (known === undefined) throw new Problem('acmeBadAlgorithm', { rule: `Served are ${signingAlgorithms.join(', ')}.` })
  return known
}

/** @throws Problem acmeBadAlgorithm if the algorithm is not the key's, acmeBadSignature */
export function assertSigned(jws: Jws, { key, kind }: SigningKey): void {
  const algorithm = algorithms[readAlgorithm(jws)]
  if (algorithm.kind !== kind) throw new Problem('acmeBadAlgorithm', { rule: `It does not fit a key of the kind ${kind}.` })
  const hasLength = algorithm.octets === undefined || jws.signature.length === algorithm.octets
  if (!hasLength || !verify(algorithm.hash, jws.signedOctets, { key, dsaEncoding: 'ieee-p1363' }, jws.signature)) {
    throw new Problem('acmeBadSignature')
  }
}

/** Whether a MAC over the JWS is right; false also for another algorithm than HS256, HS384 and HS512. */
export function hasMac({ header, signature, signedOctets }: Jws, key: Uint8Array): boolean {
  const algorithm = macAlgorithms.find((name) => name === header['alg'])
  if (algorithm === undefined) return false
  const expected = createHmac(macs[algorithm], key).update(signedOctets).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
