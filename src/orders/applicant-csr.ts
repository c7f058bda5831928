import { findKeyFault } from '../ca/key-policy.ts'
import { importPublicKey, verifyCertificationRequest } from '../ca/verify-signature.ts'
import { type KeyAlgorithm, parseKeyAlgorithm } from '../keys/key-pair.ts'
import { Problem } from '../problem.ts'
import { type CertificationRequest, parseCertificationRequest } from '../x509/csr.ts'
import { DerError } from '../x509/der-error.ts'
import { decodePem, encodePem } from '../x509/pem.ts'
import { hashSpki, type SubjectPublicKey } from '../x509/spki.ts'

/** A CSR whose key may be certified and whose holder signed it. */
export interface ApplicantCsr {
  readonly der: Uint8Array
  readonly spkiDer: Uint8Array
  /** Hex SHA-256 of the key. */
  readonly spkiSha256: string
  readonly keyAlgorithm: KeyAlgorithm
  /** The name asked for; not yet held against the rules of names. */
  readonly commonName: string
  readonly request: CertificationRequest
}

const MOST_CHARACTERS = 16_384

/**
 * Reads an applicant's CSR (RFC 2986): PEM, a key that policy allows, signed by it, with exactly one CN. Names other than the CN are asked
 * for in `Domain`; those in the CSR say nothing.
 *
 * @param P the parameter to name in refusals
 * @throws Problem invalidParameter
 */
export async function parseApplicantCsr(pem: string, P = 'Csr'): Promise<ApplicantCsr> {
  const invalid = (rule: string) => new Problem('invalidParameter', { P, rule })
  if (pem.length > MOST_CHARACTERS) throw invalid(`A CSR has at most ${MOST_CHARACTERS} characters.`)
  const request = readRequest(pem, invalid)
  const fault = findKeyFault(request.publicKey)
  if (fault !== undefined) throw invalid(`The key cannot be certified: ${fault}.`)
  if (importPublicKey(request.publicKey.der) === undefined) throw invalid('The key is not a valid one.')
  if (!(await verifyCertificationRequest(request))) throw invalid('The signature is not by the key of the CSR.')
  const { commonName } = request
  if (commonName === undefined || commonName === '') throw invalid('The subject must hold exactly one CN: the domain name.')
  const spkiDer = request.publicKey.der
  const spkiSha256 = hashSpki(spkiDer)
  return { der: request.der, spkiDer, spkiSha256, keyAlgorithm: algorithmOf(request.publicKey), commonName, request }
}

/** The algorithm of a key that policy allows. */
function algorithmOf({ kind }: SubjectPublicKey): KeyAlgorithm {
  const name = kind.type === 'rsa' ? `RSA_${kind.bits}` : kind.type === 'ec' ? kind.curve.replace('P-', 'ECC_') : kind.oid
  const algorithm = parseKeyAlgorithm(name)
  if (algorithm === undefined) throw new Error(`policy allows a key of unknown algorithm: ${name}`)
  return algorithm
}

/** A stored CSR as its applicant gave it, but for blanks and labels. */
export function pemOfCsr(der: Uint8Array): string {
  return encodePem('CERTIFICATE REQUEST', der)
}

function readRequest(pem: string, invalid: (rule: string) => Problem): CertificationRequest {
  try {
    const [block, ...others] = decodePem(pem)
    if (block === undefined || others.length > 0 || !/^(NEW )?CERTIFICATE REQUEST$/.test(block.label)) {
      throw new DerError('not one PEM block CERTIFICATE REQUEST')
    }
    return parseCertificationRequest(block.der)
  } catch (error) {
    if (error instanceof DerError) throw invalid(`It is not a PKCS #10 request in PEM: ${error.message}.`)
    throw error
  }
}
