import type { Services } from '../services.ts'
import { findIssuer } from '../storage/certificates.ts'

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
