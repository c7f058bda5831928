import type { KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { SignatureAlgorithm } from '../../x509/algorithm.ts'
import { assembleCertificate, buildTbsCertificate, parseCertificate, type Certificate } from '../../x509/certificate.ts'
import { assembleCrl, buildTbsCertList, encodeRevokedCertificates } from '../../x509/crl.ts'
import { encodeCertificatePolicies } from '../../x509/extensions.ts'
import { encodeName } from '../../x509/name.ts'
import { hashKeyIdentifier, parseSpki } from '../../x509/spki.ts'
import type { CertificateAuthority, CrlRequest, IssuanceIntent, IssuanceRequest } from '../certificate-authority.ts'
import { findKeyFault } from '../key-policy.ts'
import { importPublicKey } from '../verify-signature.ts'
import { assertChain } from './assert-chain.ts'
import { assertSignable } from './assert-signable.ts'
import { deriveCaId } from './derive-ca-id.ts'
import { createSerials } from './draw-serial.ts'
import { decideValidity } from './decide-validity.ts'
import { chooseSignatureAlgorithm, importCaKey } from './import-ca-key.ts'
import { createPkiAddresses, type PkiAddresses } from './pki-addresses.ts'
import { assertPrivatePolicy, createLeafExtensions, type LeafExtensions, privatePolicyOid } from './profiles.ts'
import { signTbs } from './sign-tbs.ts'

/** What the embedded CA works with. */
export interface EmbeddedAuthorityOptions {
  readonly rootDer: Uint8Array
  readonly intermediateDer: Uint8Array
  /** PKCS#8 of the intermediate. */
  readonly intermediateKeyPkcs8: Uint8Array
  /** Base of the addresses in certificates, as at the CA's making; absent: no addresses and one full CRL. */
  readonly pkiUrl?: string | undefined
  /** Policy of leaves; by default {@link privatePolicyOid}. */
  readonly policyOid?: string | undefined
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly randomBytes: (length: number) => Uint8Array
}

/** Opens the CA whose key this process holds. Throws a plain Error if certificates and key do not belong together. */
export function openEmbeddedAuthority(options: EmbeddedAuthorityOptions): CertificateAuthority {
  const policyOid = options.policyOid ?? privatePolicyOid
  assertPrivatePolicy(policyOid)
  const root = parseCertificate(options.rootDer)
  const certificate = parseCertificate(options.intermediateDer)
  const addresses = createPkiAddresses(options.pkiUrl)
  assertChain(root, certificate, addresses)
  const issuer: Issuer = {
    id: deriveCaId(certificate.publicKey.der),
    certificate,
    keyIdentifier: hashKeyIdentifier(certificate.publicKey),
    key: importCaKey(certificate, options.intermediateKeyPkcs8),
    signatureAlgorithm: chooseSignatureAlgorithm(certificate.publicKey.kind),
    policiesDer: encodeCertificatePolicies([policyOid]),
    addresses,
    leafExtensions: {},
    clock: options.clock,
    drawSerial: createSerials(options.randomBytes),
  }
  return {
    issuerId: issuer.id,
    issuerDer: options.intermediateDer,
    subject: certificate.subject,
    signatureAlgorithm: issuer.signatureAlgorithm,
    chain: [options.intermediateDer],
    rootDer: options.rootDer,
    notAfter: certificate.notAfter,
    // `async` turns what the steps throw into rejections, as the port promises.
    prepare: async (request) => prepareIssuance(issuer, request),
    sign: (intent) => signIntent(issuer, intent),
    signCrl: (request) => signLeafCrl(issuer, request),
    crlUrl: (shard) => issuer.addresses?.crlUrl(issuer.id, shard),
  }
}

interface Issuer {
  readonly id: string
  readonly certificate: Certificate
  readonly keyIdentifier: Uint8Array
  readonly key: KeyObject
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly policiesDer: Uint8Array
  readonly addresses: PkiAddresses | undefined
  readonly leafExtensions: Partial<Record<'rsa' | 'ec', { readonly crlShard: number; readonly encode: LeafExtensions }>>
  readonly clock: () => number
  readonly drawSerial: () => string
}

const dayMs = 86_400_000
/** Certificates by one CRL: at 46 octets an entry, a shard with every certificate revoked has 3 MB. */
const certificatesPerShard = 65_536

/** O of every certificate that an emulator issues: nobody shall take it for one that stands for a proof. */
export const emulatorOrganization = 'EMULATOR - NOT FOR PRODUCTION'

function prepareIssuance(issuer: Issuer, request: IssuanceRequest): IssuanceIntent {
  const keyType = checkRequest(request)
  const preparedAt = issuer.clock()
  const { notBefore, notAfter } = decideValidity(issuer.certificate, request, preparedAt)
  const crlShard = issuer.addresses === undefined ? 0 : Math.floor(request.certificateId / certificatesPerShard)
  // RFC 5280 appendix A.1: a CN has at most 64 characters; a longer name stands in the subjectAltName alone.
  const [first] = request.dnsNames
  const commonName = first === undefined || first.length > 64 ? undefined : first
  const subject = { ...request.subject, ...(request.emulator && { organization: emulatorOrganization }), commonName }
  const serial = issuer.drawSerial()
  const isEmpty = commonName === undefined && !request.emulator && request.subject === undefined
  const encodeExtensions = leafExtensions(issuer, keyType, crlShard)
  const tbsDer = buildTbsCertificate({
    serial,
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuerDer: issuer.certificate.subject.der,
    notBefore,
    notAfter,
    subjectDer: encodeName(subject),
    spkiDer: request.spkiDer,
    extensions: encodeExtensions({
      dnsNames: request.dnsNames,
      ipAddresses: request.ipAddresses ?? [],
      subject: isEmpty ? 'empty subject' : 'named subject',
    }),
  })
  return { issuerId: issuer.id, serial, subject, tbsDer, notBefore, notAfter, crlShard, preparedAt }
}

/** Of each key type those of one shard are kept: ids of certificates rise, and with them shards, one after 65,536 certificates. */
function leafExtensions(issuer: Issuer, keyType: 'rsa' | 'ec', crlShard: number): LeafExtensions {
  const known = issuer.leafExtensions[keyType]
  if (known?.crlShard === crlShard) return known.encode
  const encode = createLeafExtensions({
    keyType,
    policiesDer: issuer.policiesDer,
    issuerKeyIdentifier: issuer.keyIdentifier,
    pointers: issuer.addresses && {
      caIssuersUrl: issuer.addresses.caIssuersUrl(issuer.id),
      crlUrl: issuer.addresses.crlUrl(issuer.id, crlShard),
    },
  })
  issuer.leafExtensions[keyType] = { crlShard, encode }
  return encode
}

/** Refuses what no profile allows; policy has refused it before with words for the applicant. */
function checkRequest(request: IssuanceRequest): 'rsa' | 'ec' {
  if (!Number.isSafeInteger(request.validityDays) || request.validityDays < 1) throw new Error('validity must be whole days, at least one')
  if (!Number.isSafeInteger(request.certificateId) || request.certificateId < 0) throw new Error('not the id of a certificate')
  const key = parseSpki(request.spkiDer)
  const fault = findKeyFault(key)
  if (fault !== undefined || key.kind.type === 'other') throw new Error(`unfit key: ${fault}`)
  // BR 6.1.6: the point must lie on its curve; importing checks it. For RSA it would check nothing more.
  if (key.kind.type === 'ec' && importPublicKey(request.spkiDer) === undefined) throw new Error('unfit key: the crypto library refuses it')
  return key.kind.type
}

async function signIntent(issuer: Issuer, intent: IssuanceIntent): Promise<Uint8Array> {
  assertSignable(issuer, intent, issuer.clock())
  const signature = await signTbs(intent.tbsDer, issuer.signatureAlgorithm, issuer.key)
  return assembleCertificate(intent.tbsDer, issuer.signatureAlgorithm, signature)
}

/** Entries encoded at a stretch: about 4 ms, then the event loop has its turn. */
const entriesPerTurn = 4096
const longestCrlMs = 10 * dayMs

async function signLeafCrl(issuer: Issuer, request: CrlRequest): Promise<Uint8Array> {
  if (!Number.isSafeInteger(request.shard) || request.shard < 0) throw new Error('not a CRL shard')
  if (issuer.addresses === undefined && request.shard !== 0) throw new Error('without addresses there is one CRL, number 0')
  // BR 4.9.7: ten days, both ends counted.
  if (request.nextUpdate - request.thisUpdate >= longestCrlMs) throw new Error('a CRL must be replaced within 10 days')
  const revokedDer: Uint8Array[] = []
  for (let start = 0; start < request.revoked.length; start += entriesPerTurn) {
    const entries = request.revoked.slice(start, start + entriesPerTurn)
    // Another process's clock may run ahead; an entry must not be later than its CRL.
    revokedDer.push(encodeRevokedCertificates(entries.map((e) => ({ ...e, revokedAt: Math.min(e.revokedAt, request.thisUpdate) }))))
    await setImmediate()
  }
  const tbsDer = buildTbsCertList({
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuerDer: issuer.certificate.subject.der,
    thisUpdate: request.thisUpdate,
    nextUpdate: request.nextUpdate,
    revokedDer,
    number: request.number,
    authorityKeyIdentifier: issuer.keyIdentifier,
    distributionPoint: issuer.addresses?.crlUrl(issuer.id, request.shard),
  })
  return assembleCrl(tbsDer, issuer.signatureAlgorithm, await signTbs(tbsDer, issuer.signatureAlgorithm, issuer.key))
}
