import { encodeBitString, encodeSequence } from './der-writer.ts'

/** Puts a to-be-signed value, its algorithm and its signature together: Certificate, CertificateList, CertificationRequest. */
export function assembleSigned(tbsDer: Uint8Array, algorithmDer: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeSequence(tbsDer, algorithmDer, encodeBitString(signature))
}
