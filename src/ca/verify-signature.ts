import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { signatureAlgorithms, type ParsedAlgorithm } from '../x509/algorithm.ts'
import type { CertificationRequest } from '../x509/csr.ts'
import type { SubjectPublicKey } from '../x509/spki.ts'

/** Tells whether the holder of the request's key signed it: proof of possession (RFC 2986 section 4.2). False for unknown algorithms. */
export function verifyCertificationRequest(request: CertificationRequest): Promise<boolean> {
  return verifySignature(request.publicKey, {
    tbsDer: request.infoDer,
    signatureAlgorithm: request.signatureAlgorithm,
    signature: request.signature,
  })
}

/** Anything signed, as the parsers of x509/ give it: a certificate, a CRL. */
export interface Signed {
  readonly tbsDer: Uint8Array
  readonly signatureAlgorithm: ParsedAlgorithm
  readonly signature: Uint8Array
}

/**
 * Tells whether this key made the signature. False for an unknown algorithm, one of another key type, a key of a kind that is not certified,
 * or one that is none, e.g. a point off its curve.
 */
export async function verifySignature({ der, kind }: SubjectPublicKey, signed: Signed): Promise<boolean> {
  const { tbsDer, signature, signatureAlgorithm } = signed
  const { name } = signatureAlgorithm
  if (name === undefined || kind.type !== (name.startsWith('ecdsa') ? 'ec' : 'rsa')) return false
  const key = importPublicKey(der)
  if (key === undefined) return false
  const { hash } = signatureAlgorithms[name]
  // The way to the thread pool and back costs more than to verify with P-256 or RSA; P-384 takes ten times as long.
  if (kind.type !== 'ec' || kind.curve === 'P-256') return verify(hash, tbsDer, key, signature)
  return await new Promise((resolve, reject) => {
    verify(hash, tbsDer, key, signature, (error, holds) => {
      if (error === null) resolve(holds)
      else reject(error)
    })
  })
}

/** Made once as long as somebody holds the octets: policy, proof of possession and CA each look at the key of a request. */
const imported = new WeakMap<Uint8Array, KeyObject>()

/** The key of a SubjectPublicKeyInfo, whose octets do not change, or undefined if the crypto library refuses it. */
export function importPublicKey(spkiDer: Uint8Array): KeyObject | undefined {
  const known = imported.get(spkiDer)
  if (known !== undefined) return known
  try {
    const key = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' })
    imported.set(spkiDer, key)
    return key
  } catch {
    // The library gives no stable code for the many ways in which a key can be none.
    return undefined
  }
}
