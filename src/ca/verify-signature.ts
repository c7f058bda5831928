import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { signatureAlgorithms, type ParsedAlgorithm } from '../x509/algorithm.ts'
import type { CertificationRequest } from '../x509/csr.ts'

/** Tells whether the holder of the request's key signed it: proof of possession (RFC 2986 section 4.2). False for unknown algorithms. */
export function verifyCertificationRequest(request: CertificationRequest): Promise<boolean> {
  return verifySignature(request.publicKey.der, {
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
 * Tells whether the key of this SubjectPublicKeyInfo made the signature. False for an unknown algorithm, one of another key
 * type, or a key that is none, e.g. a point off its curve.
 */
export async function verifySignature(spkiDer: Uint8Array, signed: Signed): Promise<boolean> {
  const { name } = signed.signatureAlgorithm
  const key = importPublicKey(spkiDer)
  if (name === undefined || key === undefined) return false
  if (key.asymmetricKeyType !== (name.startsWith('ecdsa') ? 'ec' : 'rsa')) return false
  // The way to the thread pool and back costs more than to verify with P-256 or RSA; P-384 takes ten times as long.
  if (key.asymmetricKeyDetails?.namedCurve !== 'secp384r1')
    return verify(signatureAlgorithms[name].hash, signed.tbsDer, key, signed.signature)
  return await new Promise((resolve, reject) => {
    verify(signatureAlgorithms[name].hash, signed.tbsDer, key, signed.signature, (error, holds) => {
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
