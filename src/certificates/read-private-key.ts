import { createPrivateKey, type KeyObject } from 'node:crypto'
import { Problem } from '../problem.ts'
import { DerError } from '../x509/der-error.ts'
import { readDer, readFields } from '../x509/der-reader.ts'
import { tags } from '../x509/der-writer.ts'
import { encodePem, type PemBlock } from '../x509/pem.ts'
import { holdsEncryptedPem, readPastedPem } from './pasted-pem.ts'

/** A private key as it was uploaded, in clean PEM, and as the crypto library reads it. */
export interface UploadedKey {
  readonly pem: string
  readonly key: KeyObject
}

const MOST_CHARACTERS = 32_768

/** PKCS #8, PKCS #1, SEC 1; OpenSSL gives SM2 keys in SEC 1 a label of their own. */
const labels = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'SM2 PRIVATE KEY'])

/**
 * Reads one private key that is not encrypted. The text never shows in a refusal.
 *
 * @param P the parameter to name in refusals
 * @throws Problem privateKeyFormat
 */
export function readPrivateKey(text: string, P: string): UploadedKey {
  const refuse = (rule: string) => new Problem('privateKeyFormat', { P, rule })
  if (text.length > MOST_CHARACTERS) throw refuse(`It has more than ${MOST_CHARACTERS} characters.`)
  if (holdsEncryptedPem(text)) throw refuse('It is encrypted: remove the passphrase first.')
  const [block, ...others] = readBlocks(text, refuse).filter(({ label }) => label !== 'EC PARAMETERS')
  if (block === undefined || others.length > 0 || !labels.has(block.label)) {
    throw refuse('Exactly one PEM block is needed: PRIVATE KEY (PKCS #8), RSA PRIVATE KEY (PKCS #1) or EC PRIVATE KEY (SEC 1).')
  }
  try {
    const pem = encodePem(findLabel(block), block.der)
    return { pem, key: createPrivateKey(pem) }
  } catch {
    // The library has no stable code for what is wrong, and its words may quote the key.
    throw refuse('The PEM block holds no private key.')
  }
}

/** The label that fits the octets: OpenSSL reads them under another one too, other programs do not. Throws DerError. */
function findLabel({ label, der }: PemBlock): string {
  const fields = readFields(readDer(der))
  fields.take(tags.integer)
  switch (fields.takeAny().tag) {
    case tags.sequence:
      return 'PRIVATE KEY'
    case tags.integer:
      return 'RSA PRIVATE KEY'
    default:
      return label === 'SM2 PRIVATE KEY' ? label : 'EC PRIVATE KEY'
  }
}

function readBlocks(text: string, refuse: (rule: string) => Problem): readonly PemBlock[] {
  try {
    return readPastedPem(text)
  } catch (error) {
    if (error instanceof DerError) throw refuse('It is not PEM.')
    throw error
  }
}
