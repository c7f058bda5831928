import { createPublicKey, verify } from 'node:crypto'
import { signatureAlgorithms } from '../../x509/algorithm.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { oids } from '../../x509/oid.ts'
import { findExtension, readBasicConstraints, readCrlDistributionPoints } from '../../x509/read-extensions.ts'
import { deriveCaId } from './derive-ca-id.ts'
import type { PkiAddresses } from './pki-addresses.ts'

/**
 * Throws a plain Error unless the intermediate is another CA that this root signed (a root's key signs no leaves, BR 6.1.7), and was
 * made with the addresses now in force. They are fixed at its making: a CRL of another address does not revoke the certificates
 * already issued.
 */
export function assertChain(root: Certificate, intermediate: Certificate, addresses: PkiAddresses | undefined): void {
  if (Buffer.compare(intermediate.issuer.der, root.subject.der) !== 0 || !isSignedBy(root, intermediate)) {
    throw new Error('the issuing CA is not one of this root')
  }
  if (Buffer.compare(intermediate.subject.der, root.subject.der) === 0) throw new Error('a root must not issue to subscribers')
  if (findExtension(intermediate.extensions, oids.basicConstraints, readBasicConstraints)?.ca !== true) throw new Error('not a CA')
  const [made] = findExtension(intermediate.extensions, oids.cRLDistributionPoints, readCrlDistributionPoints) ?? []
  if (made !== addresses?.crlUrl(deriveCaId(root.publicKey.der), 0)) {
    throw new Error(`the address of the PKI files was fixed when the CA was made; the CA's certificate has ${made ?? 'none'}`)
  }
}

function isSignedBy(root: Certificate, certificate: Certificate): boolean {
  const { name } = certificate.signatureAlgorithm
  if (name === undefined) return false
  const key = createPublicKey({ key: Buffer.from(root.publicKey.der), format: 'der', type: 'spki' })
  return verify(signatureAlgorithms[name].hash, certificate.tbsDer, key, certificate.signature)
}
