import { hash } from 'node:crypto'
import type { SubjectPublicKey } from '../../x509/spki.ts'

/**
 * The thumbprint of a public key (RFC 7638, SHA-256, base64url): its required members in lexical order, nothing else. Undefined for kinds of
 * keys that are not certified.
 */
export function thumbprintOf({ kind, keyOctets }: Pick<SubjectPublicKey, 'kind' | 'keyOctets'>): string | undefined {
  switch (kind.type) {
    case 'ec': {
      const middle = (keyOctets.length + 1) / 2
      const members = { crv: kind.curve, kty: 'EC', x: encode(keyOctets.subarray(1, middle)), y: encode(keyOctets.subarray(middle)) }
      return hash('sha256', JSON.stringify(members), 'base64url')
    }
    case 'rsa':
      return hash('sha256', JSON.stringify({ e: encode(kind.exponent), kty: 'RSA', n: encode(kind.modulus) }), 'base64url')
    case 'other':
      return undefined
  }
}

function encode(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64url')
}
