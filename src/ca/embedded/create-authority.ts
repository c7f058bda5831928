import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { assembleCertificate, buildTbsCertificate } from '../../x509/certificate.ts'
import { encodeName } from '../../x509/name.ts'
import { hashKeyIdentifier, parseSpki, type SubjectPublicKey } from '../../x509/spki.ts'
import { deriveCaId } from './derive-ca-id.ts'
import { drawSerial } from './draw-serial.ts'
import { createPkiAddresses } from './pki-addresses.ts'
import { encodeIntermediateExtensions, encodeRootExtensions } from './profiles.ts'
import { signRootCrl } from './sign-root-crl.ts'
import { signTbs } from './sign-tbs.ts'

/** Names and circumstances of a new CA. */
export interface AuthorityPlan {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string
  /** 1 to 64 characters. */
  readonly organization: string
  /** 1 to 55 characters: a blank and eight digits follow. */
  readonly rootName: string
  readonly intermediateName: string
  /** Base of the addresses in certificates; absent: no addresses. */
  readonly pkiUrl?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  readonly randomBytes: (length: number) => Uint8Array
}

/** One CA certificate with its key. */
export interface CreatedCa {
  /** The eight digits at the end of its CN, in lower case. */
  readonly id: string
  readonly certificateDer: Uint8Array
  /** PKCS#8, not encrypted: to be sealed by the caller at once. */
  readonly privateKeyPkcs8: Uint8Array
}

/** A CA as made: keep the root's key where the service does not load it. */
export interface CreatedAuthority {
  readonly root: CreatedCa
  readonly intermediate: CreatedCa
  /** The root's first CRL, empty, number 1. */
  readonly rootCrlDer: Uint8Array
}

const dayMs = 86_400_000
const backdateMs = 3_600_000
/** 20 years; BR 7.1.2.1.1 allows 2922 to 9132 days. */
const rootDays = 7305
const intermediateDays = 3652

/** Makes a root (P-384), an issuing CA below it (P-256) and the root's first CRL. Throws a plain Error on names outside the rules. */
export async function createAuthority(plan: AuthorityPlan): Promise<CreatedAuthority> {
  const addresses = createPkiAddresses(plan.pkiUrl)
  const [rootKeys, keys] = await Promise.all([generateCaKey('P-384'), generateCaKey('P-256')])
  const rootSubjectDer = encodeCaName(plan, plan.rootName, rootKeys.id)
  // BR 7.1.2.1.1: at most one day before signing. The backdating spares relying parties with slow clocks.
  const notBefore = Math.floor((plan.now - backdateMs) / 1000) * 1000
  const common = { signatureAlgorithm: 'ecdsa-with-SHA384', issuerDer: rootSubjectDer, notBefore } as const
  const root = await signCa(rootKeys, {
    ...common,
    serial: drawSerial(plan.randomBytes),
    notAfter: notBefore + rootDays * dayMs - 1000,
    subjectDer: rootSubjectDer,
    spkiDer: rootKeys.publicKey.der,
    extensions: encodeRootExtensions(hashKeyIdentifier(rootKeys.publicKey)),
  })
  const pointers = addresses && { caIssuersUrl: addresses.caIssuersUrl(rootKeys.id), crlUrl: addresses.crlUrl(rootKeys.id, 0) }
  const intermediate = await signCa(rootKeys, {
    ...common,
    serial: drawSerial(plan.randomBytes),
    notAfter: notBefore + Math.min(intermediateDays, rootDays) * dayMs - 1000,
    subjectDer: encodeCaName(plan, plan.intermediateName, keys.id),
    spkiDer: keys.publicKey.der,
    extensions: encodeIntermediateExtensions(hashKeyIdentifier(keys.publicKey), hashKeyIdentifier(rootKeys.publicKey), pointers),
  })
  const rootPkcs8 = exportPkcs8(rootKeys.privateKey)
  return {
    root: { id: rootKeys.id, certificateDer: root, privateKeyPkcs8: rootPkcs8 },
    intermediate: { id: keys.id, certificateDer: intermediate, privateKeyPkcs8: exportPkcs8(keys.privateKey) },
    rootCrlDer: await signRootCrl({ rootDer: root, rootKeyPkcs8: rootPkcs8, number: 1, thisUpdate: plan.now, revoked: [] }),
  }
}

interface CaKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: SubjectPublicKey
}

async function generateCaKey(namedCurve: 'P-256' | 'P-384'): Promise<CaKey> {
  const pair = await promisify(generateKeyPair)('ec', { namedCurve })
  const publicKey = parseSpki(pair.publicKey.export({ format: 'der', type: 'spki' }))
  return { id: deriveCaId(publicKey.der), privateKey: pair.privateKey, publicKey }
}

/** The digits in the CN keep two installations with the same settings apart (BR 7.1.2.10.2: the CN SHOULD make the name unique). */
function encodeCaName(plan: AuthorityPlan, name: string, id: string): Uint8Array {
  return encodeName({ country: plan.country, organization: plan.organization, commonName: `${name} ${id.toUpperCase()}` })
}

async function signCa(issuer: CaKey, fields: Parameters<typeof buildTbsCertificate>[0]): Promise<Uint8Array> {
  const tbsDer = buildTbsCertificate(fields)
  return assembleCertificate(tbsDer, fields.signatureAlgorithm, await signTbs(tbsDer, fields.signatureAlgorithm, issuer.privateKey))
}

function exportPkcs8(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'pkcs8' })
}
