import { parseCertificate } from '../../x509/certificate.ts'
import { assembleCrl, buildTbsCertList, encodeRevokedCertificates, type RevokedCertificate } from '../../x509/crl.ts'
import { hashKeyIdentifier } from '../../x509/spki.ts'
import { chooseSignatureAlgorithm, importCaKey } from './import-ca-key.ts'
import { signTbs } from './sign-tbs.ts'

/** A CRL of the root, which revokes CAs. */
export interface RootCrlRequest {
  readonly rootDer: Uint8Array
  /** PKCS#8; only an operator's deliberate command has it (BR 4.3.1.1). */
  readonly rootKeyPkcs8: Uint8Array
  /** Strictly increasing; the first was 1. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  /** Revoked CAs; each must have a reason of its own (BR 7.2.2). */
  readonly revoked: readonly RevokedCertificate[]
}

/** Just inside the 12 months that BR 4.9.7 allows a CRL of CA certificates. */
const lifetimeMs = 364 * 86_400_000

/**
 * Signs a full CRL of the root, valid for 364 days; it covers all, so it names no distribution point (BR 7.2.2.1).
 * Throws a plain Error on a key that is not the root's or a revocation without a reason.
 */
export async function signRootCrl(request: RootCrlRequest): Promise<Uint8Array> {
  const root = parseCertificate(request.rootDer)
  const key = importCaKey(root, request.rootKeyPkcs8)
  if (request.revoked.some(({ reason }) => reason === 0)) throw new Error('the revocation of a CA must state a reason')
  const signatureAlgorithm = chooseSignatureAlgorithm(root.publicKey.kind)
  const tbsDer = buildTbsCertList({
    signatureAlgorithm,
    issuerDer: root.subject.der,
    thisUpdate: request.thisUpdate,
    nextUpdate: request.thisUpdate + lifetimeMs,
    revokedDer: [encodeRevokedCertificates(request.revoked)],
    number: request.number,
    authorityKeyIdentifier: hashKeyIdentifier(root.publicKey),
    distributionPoint: undefined,
  })
  return assembleCrl(tbsDer, signatureAlgorithm, await signTbs(tbsDer, signatureAlgorithm, key))
}
