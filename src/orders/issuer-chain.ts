import type { Services } from '../services.ts'
import { findIssuer } from '../storage/certificates.ts'
import { encodePem } from '../x509/pem.ts'

/** What stands above a leaf, DER. */
export interface IssuerChain {
  /** What a server sends after its certificate: the issuing CA first, without the root. */
  readonly chain: readonly Uint8Array[]
  readonly rootDer: Uint8Array
}

/** The chain of the CA that signed a certificate, which a later one may have followed. */
export async function findIssuerChain({ db, authority }: Pick<Services, 'db' | 'authority'>, issuerId: string): Promise<IssuerChain> {
  if (issuerId === authority.issuerId) return authority
  const issuer = await findIssuer(db.read, issuerId)
  const root = issuer?.parent_id == null ? undefined : await findIssuer(db.read, issuer.parent_id)
  if (issuer === undefined || root === undefined) throw new Error(`the issuer ${issuerId} or its root is missing`)
  return { chain: [issuer.certificate], rootDer: root.certificate }
}

/** Certificates of CAs as PEM. Those of the CA now in force are the same octets in every chain, and are encoded once. */
const encoded = new WeakMap<Uint8Array, string>()

/** A certificate and what stands above it as PEM, leaf first. */
export function encodeChain(leafDer: Uint8Array, above: readonly Uint8Array[]): string {
  let text = encodePem('CERTIFICATE', leafDer)
  for (const der of above) {
    const pem = encoded.get(der) ?? encodePem('CERTIFICATE', der)
    encoded.set(der, pem)
    text += pem
  }
  return text
}
