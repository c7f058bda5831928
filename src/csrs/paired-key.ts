import { createPublicKey } from 'node:crypto'
import { importPublicKey } from '../ca/verify-signature.ts'
import { readPrivateKey } from '../certificates/read-private-key.ts'
import { Problem } from '../problem.ts'

/**
 * The private key of a CSR as PrivateKeyInfo (RFC 5208); the caller wipes it.
 *
 * @param text PEM, not encrypted
 * @throws Problem privateKeyFormat, csrKeyMismatch
 */
export function readPairedKey(text: string, spkiDer: Uint8Array): Uint8Array {
  const { key } = readPrivateKey(text, 'Key')
  const pairs = importPublicKey(spkiDer)?.equals(createPublicKey(key)) === true
  if (!pairs) throw new Problem('csrKeyMismatch', { P: 'Key' })
  return key.export({ format: 'der', type: 'pkcs8' })
}
