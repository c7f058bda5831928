import { createHmac } from 'node:crypto'
import { Problem } from '../problem.ts'
import type { Authenticator, Call, Claim } from './authenticator.ts'
import { canonicalQuery, equalsInConstantTime } from './canonical.ts'
import type { Parameter } from './parameters.ts'

/** RPC V1: HMAC-SHA1 over method and parameters, everything in query or form. */
export const rpcV1: Authenticator = { scheme: 'RPC-V1', readClaim }

function readClaim(call: Call): Claim | undefined {
  const { parameters } = call
  if (!parameters.get('Signature') && !parameters.get('AccessKeyId')) return undefined
  const accessKeyId = loadParameter(parameters, 'AccessKeyId')
  const signature = loadParameter(parameters, 'Signature')
  const timestamp = loadParameter(parameters, 'Timestamp')
  const nonce = loadParameter(parameters, 'SignatureNonce')
  const method = loadParameter(parameters, 'SignatureMethod')
  const version = loadParameter(parameters, 'SignatureVersion')
  const securityToken = parameters.get('SecurityToken') || undefined
  return { accessKeyId, timestamp, nonce, securityToken, verify }

  function verify(secret: string): void {
    if (method !== 'HMAC-SHA1') throw new Problem('invalidSignatureMethod')
    if (version !== '1.0') throw new Problem('invalidSignatureVersion')
    verifyRpcV1(call, secret, signature)
  }
}

function loadParameter(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (!value) throw new Problem('missingParameter', { P: name })
  return value
}

/**
 * Compares a signature with our own over the call.
 *
 * @throws Problem signatureDoesNotMatch; its message ends in our string to sign, because clients compare it with theirs
 */
export function verifyRpcV1(call: Pick<Call, 'method' | 'query' | 'form'>, secret: string, signature: string): void {
  const stringToSign = rpcV1StringToSign(call.method, [...call.query, ...call.form])
  const expected = createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64')
  if (!equalsInConstantTime(expected, signature)) throw new Problem('signatureDoesNotMatch', { stringToSign })
}

/** The text that RPC V1 signs: every parameter but `Signature`, all occurrences, in order of their names. */
export function rpcV1StringToSign(method: string, parameters: readonly Parameter[]): string {
  const signed = canonicalQuery(parameters.filter(([name]) => name !== 'Signature'))
  // Canonical text holds unreserved characters, `%`, `=` and `&` only: the plain encoder suffices for the second pass.
  return `${method}&%2F&${encodeURIComponent(signed)}`
}
