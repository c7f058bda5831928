import { hash, type KeyObject } from 'node:crypto'

/** The thumbprint of a public key (RFC 7638, SHA-256, base64url): its required members in lexical order, nothing else. */
export function thumbprintOf(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: 'jwk' })
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return hash('sha256', JSON.stringify(members), 'base64url')
}
