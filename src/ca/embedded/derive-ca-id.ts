import { hashSpki } from '../../x509/spki.ts'

/** The id of a CA: the first eight hexadecimal digits, in lower case, of the SHA-256 of its SubjectPublicKeyInfo. */
export function deriveCaId(spkiDer: Uint8Array): string {
  return hashSpki(spkiDer).slice(0, 8)
}
