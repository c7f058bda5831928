import { Problem } from '../problem.ts'
import type { Identity } from './caller.ts'
import { acs3 } from './acs3.ts'
import type { Authenticator, Call, Claim } from './authenticator.ts'
import { equalsInConstantTime } from './canonical.ts'
import type { ReplayGuard } from '../ram/replay-guard.ts'
import { rpcV1 } from './rpc-v1.ts'

/** One access key with its secret, in the clear for as long as a call needs it. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: string
  readonly status: 'Active' | 'Inactive'
  /** 16 digits. */
  readonly accountId: number
  /** Resource name of the principal, e.g. `acs:ram::1234567890123456:root`. */
  readonly principal: string
  readonly identity: Identity
  /** Temporary keys only: the token that has to come with the key. */
  readonly securityToken?: string
  /** Temporary keys only. */
  readonly expiresAtMs?: number
}

/** What authentication asks its surroundings. */
export interface AuthenticationPorts {
  /**
   * @param securityToken the token that came with the key: a temporary key is nowhere but in it
   * @throws Problem of a temporary key that cannot be used
   */
  readonly findAccessKey: (accessKeyId: string, securityToken: string | undefined) => Promise<AccessKey | undefined>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** A call whose signature is right. Its nonce is not consumed yet. */
export interface Authenticated {
  readonly key: AccessKey
  readonly nonce: string
  readonly timestampMs: number
}

/** A timestamp may be this far from our clock, in both directions. */
export const timestampWindowMs = 15 * 60_000
// Processes that share a guard may differ this much in their clocks.
const clockSkewMs = 60_000

const allAuthenticators: readonly Authenticator[] = [acs3, rpcV1]

/**
 * Finds out who signed a call: the first authenticator that knows its scheme reads the claim; form and age of the time, key, status,
 * token and signature are checked in this order.
 *
 * @throws Problem of the first check that fails
 */
export async function authenticate(call: Call, ports: AuthenticationPorts, authenticators = allAuthenticators): Promise<Authenticated> {
  const now = ports.clock()
  const claim = readClaim(call, authenticators)
  assertNonceIsStorable(claim.nonce)
  const timestampMs = parseTimestamp(claim.timestamp)
  if (Math.abs(now - timestampMs) > timestampWindowMs) throw new Problem('timestampExpired')
  const key = await loadKey(claim, ports)
  if (key.status !== 'Active') throw new Problem('accessKeyInactive')
  assertTokenFits(key, claim.securityToken, now)
  claim.verify(key.secret)
  return { key, nonce: claim.nonce, timestampMs }
}

function readClaim(call: Call, authenticators: readonly Authenticator[]): Claim {
  for (const authenticator of authenticators) {
    const claim = authenticator.readClaim(call)
    if (claim !== undefined) return claim
  }
  // An unsigned call, a bearer token, or a scheme that this service does not speak.
  throw new Problem('missingParameter', { P: 'AccessKeyId' })
}

function assertNonceIsStorable(nonce: string): void {
  if (/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(nonce)) return
  throw new Problem('invalidParameter', { P: 'SignatureNonce', rule: 'It has at most 256 characters and no control characters.' })
}

/**
 * Parses a timestamp of the form `YYYY-MM-DDThh:mm:ssZ`, and no other.
 *
 * @returns milliseconds since the epoch
 * @throws Problem timestampMalformed
 */
export function parseTimestamp(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN
  // A day that the month does not have would roll over into the next one.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19)) throw new Problem('timestampMalformed')
  return ms
}

async function loadKey({ accessKeyId, securityToken }: Claim, ports: AuthenticationPorts): Promise<AccessKey> {
  const key = /^[\x21-\x7e]{1,128}$/.test(accessKeyId) ? await ports.findAccessKey(accessKeyId, securityToken) : undefined
  if (key === undefined) throw new Problem('accessKeyNotFound')
  return key
}

function assertTokenFits(key: AccessKey, token: string | undefined, now: number): void {
  if (token === undefined) {
    if (key.securityToken !== undefined) throw new Problem('missingParameter', { P: 'SecurityToken' })
    return
  }
  if (key.securityToken === undefined || !equalsInConstantTime(key.securityToken, token)) {
    // Our tokens, as the original's, start with CAIS: anything else was never one.
    throw new Problem(token.startsWith('CAIS') ? 'securityTokenMismatch' : 'securityTokenMalformed')
  }
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= now) throw new Problem('securityTokenExpired')
}

/**
 * Consumes the nonce of an authenticated call. Only a right signature may do so: a stranger could otherwise burn nonces of others.
 *
 * @throws Problem signatureNonceUsed, timestampExpired if the guard cannot know
 */
export async function consumeNonce(guard: ReplayGuard, { key, nonce, timestampMs }: Authenticated): Promise<void> {
  const expiresAtMs = timestampMs + timestampWindowMs + clockSkewMs
  const outcome = await guard.use({ scope: key.accessKeyId, nonce, timestampMs, expiresAtMs })
  if (outcome === 'used') throw new Problem('signatureNonceUsed')
  if (outcome === 'beforeStart') throw new Problem('timestampExpired')
}
