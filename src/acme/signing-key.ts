import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { Problem } from '../problem.ts'
import { isBase64url } from './base64url.ts'

/** A public key that signs requests (RFC 7517), and what names it. */
export interface SigningKey {
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string
  readonly key: KeyObject
  readonly kind: 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519'
  /** JSON: the required members in lexical order, nothing else. */
  readonly jwk: string
}

/** Octets of a coordinate of a curve's points (RFC 7518 section 6.2, RFC 8037 section 2). */
const coordinates = { 'P-256': 32, 'P-384': 48, 'P-521': 66, Ed25519: 32 } as const

const SMALLEST_RSA = 2048
const LARGEST_RSA = 8192
/** Of an RSA key's public exponent: a larger one only makes verification slow. */
const LONGEST_EXPONENT = 4

/** So many keys are kept made: making one costs as much as verifying with it. */
const MOST_KEYS = 4_096
const made = new Map<string, KeyObject>()

/**
 * Reads a public key (RFC 7517): RSA of 2048 to 8192 bits, a point on P-256, P-384 or P-521, or Ed25519. Members in another spelling than the
 * canonical one are refused, so that a key has one thumbprint.
 *
 * @throws Problem acmeBadPublicKey
 */
export function readSigningKey(value: unknown): SigningKey {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('It is not a JSON object.')
  const jwk = value as Readonly<Record<string, unknown>>
  if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((name) => jwk[name] !== undefined)) throw bad('It holds private members.')
  const { kind, members } = readMembers(jwk)
  const text = JSON.stringify(members)
  const thumbprint = createHash('sha256').update(text).digest('base64url')
  return { thumbprint, kind, jwk: text, key: keyOf(thumbprint, members) }
}

/** A key that {@link readSigningKey} accepted before, from its canonical members. */
export function restoreSigningKey(jwk: string): SigningKey {
  return readSigningKey(JSON.parse(jwk))
}

type Members = Readonly<Record<string, string>>

/** The required members in lexical order (RFC 7638 section 3.2, RFC 8037 section 2). */
function readMembers(jwk: Readonly<Record<string, unknown>>): { kind: SigningKey['kind']; members: Members } {
  const { crv, kty } = jwk
  if (kty === 'RSA') {
    const members = { e: readNumber(jwk, 'e'), kty, n: readNumber(jwk, 'n') }
    assertRsa(Buffer.from(members.n, 'base64url'), Buffer.from(members.e, 'base64url'))
    return { kind: 'RSA', members }
  }
  if (kty === 'EC' && (crv === 'P-256' || crv === 'P-384' || crv === 'P-521')) {
    return { kind: crv, members: { crv, kty, x: readCoordinate(jwk, 'x', crv), y: readCoordinate(jwk, 'y', crv) } }
  }
  if (kty === 'OKP' && crv === 'Ed25519') return { kind: crv, members: { crv, kty, x: readCoordinate(jwk, 'x', crv) } }
  throw bad('Keys are RSA, P-256, P-384, P-521 or Ed25519.')
}

function readText(jwk: Readonly<Record<string, unknown>>, name: string): string {
  const text = jwk[name]
  if (typeof text !== 'string' || text === '' || !isBase64url(text)) throw bad(`Its member ${name} is not base64url without padding.`)
  return text
}

function readCoordinate(jwk: Readonly<Record<string, unknown>>, name: string, curve: keyof typeof coordinates): string {
  const text = readText(jwk, name)
  if (text.length !== Math.ceil((coordinates[curve] * 4) / 3)) throw bad(`Its member ${name} does not have the length of the curve.`)
  return text
}

/** A positive number, big-endian, without leading zero octets. */
function readNumber(jwk: Readonly<Record<string, unknown>>, name: string): string {
  const text = readText(jwk, name)
  // The first six bits are zero in `A` alone; the next two are in the second character.
  if (/^A[A-P]/.test(text)) throw bad(`Its member ${name} begins with a zero octet.`)
  return text
}

function assertRsa(modulus: Buffer, exponent: Buffer): void {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < SMALLEST_RSA || bits > LARGEST_RSA) throw bad(`RSA keys have ${SMALLEST_RSA} to ${LARGEST_RSA} bits.`)
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1 && ((modulus.at(-1) ?? 0) & 1) === 1
  if (!isOdd || exponent.length > LONGEST_EXPONENT || (exponent.length === 1 && exponent[0] === 1)) throw bad('It is not a usable RSA key.')
}

function keyOf(thumbprint: string, members: Members): KeyObject {
  const known = made.get(thumbprint)
  if (known !== undefined) return known
  let key: KeyObject
  try {
    key = createPublicKey({ key: { ...members }, format: 'jwk' })
  } catch {
    throw bad('It is not a point on the curve, or no key at all.')
  }
  if (made.size >= MOST_KEYS) for (const oldest of made.keys()) if (made.delete(oldest)) break
  made.set(thumbprint, key)
  return key
}

function bad(rule: string): Problem {
  return new Problem('acmeBadPublicKey', { rule })
}
