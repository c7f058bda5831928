import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { SignatureAlgorithm } from '../../x509/algorithm.ts'
import type { Certificate } from '../../x509/certificate.ts'
import type { PublicKeyKind } from '../../x509/spki.ts'

/** Imports a CA's private key (PKCS#8). Throws a plain Error if it does not belong to the certificate. */
export function importCaKey(certificate: Certificate, privateKeyPkcs8: Uint8Array): KeyObject {
  const key = createPrivateKey({ key: Buffer.from(privateKeyPkcs8), format: 'der', type: 'pkcs8' })
  const spkiDer = createPublicKey(key).export({ format: 'der', type: 'spki' })
  if (!spkiDer.equals(certificate.publicKey.der)) throw new Error('the private key of the CA does not belong to its certificate')
  return key
}

/** The signature algorithm of a CA key: the hash follows from the curve (BR 7.1.3.2.2). Throws a plain Error on other keys. */
export function chooseSignatureAlgorithm(kind: PublicKeyKind): SignatureAlgorithm {
  if (kind.type === 'rsa') return 'sha256WithRSAEncryption'
  if (kind.type === 'ec' && kind.curve === 'P-256') return 'ecdsa-with-SHA256'
  if (kind.type === 'ec' && kind.curve === 'P-384') return 'ecdsa-with-SHA384'
  throw new Error('a CA key must be RSA, P-256 or P-384')
}
