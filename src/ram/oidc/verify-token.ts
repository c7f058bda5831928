import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose'
import { Problem } from '../../problem.ts'
import type { OidcProviderRow } from '../../storage/oidc-providers.ts'
import type { IssuerKeyOutcome, IssuerKeys, IssuerKeySet } from './issuer-keys.ts'
import { readTexts } from './provider.ts'

/** What a token of an identity provider says, once it is verified. */
export interface VerifiedToken {
  readonly issuer: string
  readonly subject: string
  /** Its audiences, in order. */
  readonly audiences: readonly string[]
  /** Those of them that the provider's client ids name: at least one. */
  readonly knownAudiences: readonly string[]
  /** s since the epoch. */
  readonly expiresAt: number
  readonly issuedAt: number
}

/** Asymmetric alone: with a key that everybody can read, an HMAC would prove nothing. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const LEAST_CHARACTERS = 4
const MOST_CHARACTERS = 20_000
/** Clocks of issuers may differ so much from ours. */
const LEEWAY_SECONDS = 60

/**
 * Verifies the token of an identity provider: algorithm, issuer, signature by one of the issuer's present keys, audience, times. What can be seen
 * without the issuer's keys is looked at first, so that a token of somebody else makes nobody fetch anything.
 *
 * @param now ms, by the real time: issuers sign by theirs
 * @throws Problem oidcTokenInvalid, oidcTokenExpired, oidcIssuerNotMatch, oidcAudienceNotMatch, oidcInvalidSignature, oidcFingerprintMismatch,
 *   oidcIssuerBroken, oidcIssuerUntrusted
 */
export async function verifyOidcToken(
  issuerKeys: Pick<IssuerKeys, 'find'>,
  { token, provider, now }: { readonly token: string; readonly provider: OidcProviderRow; readonly now: number },
): Promise<VerifiedToken> {
  assertOwnToken(token, provider)
  const clientIds = readTexts(provider.client_ids)
  const options: JWTVerifyOptions = {
    algorithms: ALGORITHMS,
    issuer: provider.issuer_url,
    audience: [...clientIds],
    requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat'],
    maxTokenAge: provider.issuance_limit_hours * 3_600,
    clockTolerance: LEEWAY_SECONDS,
    currentDate: new Date(now),
  }
  const check = async (refresh: boolean) => {
    const keys = readKeys(await issuerKeys.find(provider.issuer_url, refresh))
    assertFingerprint(keys, provider)
    return await verifyWithKeys(token, keys, options)
  }
  const payload = (await check(false)) ?? (await check(true))
  if (payload === undefined) throw new Problem('oidcInvalidSignature')
  return toVerified(payload, provider.issuer_url, clientIds)
}

/**
 * Looks at the form of a token.
 *
 * @throws Problem oidcTokenInvalid
 */
export function assertTokenForm(token: string): void {
  if (token.length < LEAST_CHARACTERS || token.length > MOST_CHARACTERS) {
    throw invalid(`It has ${LEAST_CHARACTERS} to ${MOST_CHARACTERS} characters.`)
  }
  const { alg } = readHeader(token)
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw invalid(`Its algorithm must be one of ${ALGORITHMS.join(', ')}.`)
  readPayload(token)
}

function assertOwnToken(token: string, provider: OidcProviderRow): void {
  assertTokenForm(token)
  if (readPayload(token).iss !== provider.issuer_url) throw new Problem('oidcIssuerNotMatch')
}

function readHeader(token: string): Record<string, unknown> {
  try {
    return { ...decodeProtectedHeader(token) }
  } catch {
    throw invalid('It is no JSON Web Token.')
  }
}

function readPayload(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw invalid('It is no JSON Web Token.')
  }
}

/** @throws Problem oidcIssuerUntrusted, oidcIssuerBroken */
function readKeys(outcome: IssuerKeyOutcome): IssuerKeySet {
  if (outcome.kind === 'keys') return outcome
  throw outcome.failure === 'untrusted' ? new Problem('oidcIssuerUntrusted') : new Problem('oidcIssuerBroken', { rule: outcome.rule })
}

/** @throws Problem oidcFingerprintMismatch */
function assertFingerprint({ chains }: IssuerKeySet, provider: OidcProviderRow): void {
  const pins = readTexts(provider.fingerprints).map((text) => text.toLowerCase())
  if (pins.length === 0 || chains.every((chain) => chain.some((sha1) => pins.includes(sha1)))) return
  throw new Problem('oidcFingerprintMismatch')
}

/** Undefined if none of the keys is the one that the token names. */
async function verifyWithKeys(token: string, { getKey }: IssuerKeySet, options: JWTVerifyOptions): Promise<JWTPayload | undefined> {
  try {
    return (await jwtVerify(token, getKey, options)).payload
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined
    if (error instanceof errors.JWKSMultipleMatchingKeys) return await tryKeys(error, token, options)
    throw toProblem(error)
  }
}

/** A token without a key id, and several keys that could be meant. */
async function tryKeys(keys: errors.JWKSMultipleMatchingKeys, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw toProblem(error)
    }
  }
  throw new Problem('oidcInvalidSignature')
}

function toProblem(error: unknown): unknown {
  if (error instanceof errors.JWSSignatureVerificationFailed) return new Problem('oidcInvalidSignature')
  if (error instanceof errors.JWTExpired) {
    return new Problem('oidcTokenExpired', { rule: error.claim === 'iat' ? 'It was issued longer ago than the provider allows.' : '' })
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return new Problem('oidcAudienceNotMatch')
    if (error.claim === 'iss') return new Problem('oidcIssuerNotMatch')
    return invalid(`Its claim ${error.claim} is missing or wrong.`)
  }
  if (error instanceof errors.JOSEError) return invalid('It is no JSON Web Token that can be verified.')
  // A key of the issuer's that cannot be used: too short, private, or not what it says.
  if (error instanceof TypeError || error instanceof DOMException) {
    return new Problem('oidcIssuerBroken', { rule: 'The key that the token names cannot be used.' }, { cause: error })
  }
  return error
}

function toVerified(payload: JWTPayload, issuer: string, clientIds: readonly string[]): VerifiedToken {
  const { sub, aud, exp, iat } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > 1_024 || aud === undefined || exp === undefined || iat === undefined) {
    throw invalid('Its claim sub is missing or wrong.')
  }
  const audiences = typeof aud === 'string' ? [aud] : aud
  return {
    issuer,
    subject: sub,
    audiences,
    knownAudiences: audiences.filter((audience) => clientIds.includes(audience)),
    expiresAt: exp,
    issuedAt: iat,
  }
}

function invalid(rule: string): Problem {
  return new Problem('oidcTokenInvalid', { rule })
}
