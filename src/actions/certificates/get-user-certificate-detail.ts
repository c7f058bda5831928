import { z } from 'zod'
import type { CertificateContent } from '../../certificates/certificate-content.ts'
import { hasExpired } from '../../orders/order-status.ts'
import {
  type CertificateDescription,
  describeCertificate,
  loadCertificateCard,
  openCertificate,
} from '../../certificates/describe-certificate.ts'
import { action } from '../../gateway/action.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { referenceOf, referenceTarget } from './certificate-target.ts'
import { certIdentifier, resourceId, shownTags, wireFlag } from './fields.ts'

const ramAction = 'yundun-cert:GetUserCertificateDetail'

/** Answers everything about a certificate; with `CertFilter` without PEM and keys. */
export const getUserCertificateDetail = action({
  name: 'GetUserCertificateDetail',
  version: CAS_VERSION,
  access: 'get',
  ramAction,
  target: referenceTarget,
  summary: 'Read a certificate: what it says, its chain in PEM, and its private key if the caller may read it.',
  strict: false,
  input: z.object({
    CertId: wireId.optional(),
    CertFilter: wireFlag,
    /** Ours: the newest certificate of a chain of renewals. */
    ResourceId: resourceId,
  }),
  output: z.object({
    Id: z.int(),
    Name: z.string(),
    Common: z.string(),
    Sans: z.string(),
    Issuer: z.string(),
    OrgName: z.string(),
    Country: z.string(),
    Province: z.string(),
    City: z.string(),
    StartDate: z.string(),
    EndDate: z.string(),
    NotBefore: z.int(),
    NotAfter: z.int(),
    Expired: z.boolean(),
    BuyInAliyun: z.boolean(),
    OrderId: z.int().optional(),
    InstanceId: z.string(),
    /** Ours: stays the same over renewals. */
    ResourceId: z.string(),
    CertIdentifier: z.string(),
    Algorithm: z.string(),
    Fingerprint: z.string(),
    Sha2: z.string(),
    CertSha2: z.string(),
    SerialNo: z.string(),
    ResourceGroupId: z.string(),
    Cert: z.string().optional(),
    Key: z.string().optional(),
    SignCert: z.string().optional(),
    SignPrivateKey: z.string().optional(),
    EncryptCert: z.string().optional(),
    EncryptPrivateKey: z.string().optional(),
    /** Ours: the key is held, and reading it is not allowed, or the certificate is revoked. */
    PrivateKeyWithheld: z.literal(true).optional(),
    CertChain: z.array(
      z.object({
        CommonName: z.string(),
        IssuerCommonName: z.string(),
        NotBefore: z.int(),
        NotAfter: z.int(),
        RemainDay: z.int(),
      }),
    ),
    Tags: shownTags,
  }),
  problems: ['notFoundCertificate'],
  async run(input, context, services) {
    const card = await loadCertificateCard(services, context, referenceOf(input), ramAction)
    if (input.CertFilter) return factsToWire(await describeCertificate(services, card), services.clock())
    const opened = await openCertificate(services, context, card)
    return {
      ...factsToWire(opened, services.clock()),
      ...contentToWire(opened.content),
      ...(opened.keyWithheld && { PrivateKeyWithheld: true as const }),
    }
  },
})

function factsToWire({ card, chain, tags }: CertificateDescription, now: number) {
  return {
    Id: card.id,
    Name: card.name,
    Common: card.common_name,
    Sans: card.sans,
    Issuer: card.issuer,
    OrgName: card.organization,
    Country: card.country,
    Province: card.province,
    City: card.city,
    StartDate: dayOf(card.not_before),
    EndDate: dayOf(card.not_after),
    NotBefore: card.not_before,
    NotAfter: card.not_after,
    Expired: hasExpired(card.not_after, now),
    BuyInAliyun: card.source === 'order',
    ...(card.order_id !== null && { OrderId: card.order_id }),
    InstanceId: card.instance,
    ResourceId: card.resource,
    CertIdentifier: certIdentifier(card.id),
    Algorithm: card.algorithm,
    Fingerprint: card.sha1.toUpperCase(),
    Sha2: card.sha256.toUpperCase(),
    CertSha2: card.sha256.toUpperCase(),
    SerialNo: card.serial,
    ResourceGroupId: card.resource_group ?? '',
    CertChain: chain.map(({ subject, issuer, notBefore, notAfter, remainingDays }) => ({
      CommonName: subject,
      IssuerCommonName: issuer,
      NotBefore: notBefore,
      NotAfter: notAfter,
      RemainDay: remainingDays,
    })),
    Tags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
  }
}

/** An SM2 pair has fields of its own; every other certificate has `Cert` and `Key`. */
function contentToWire({ certificatePem, privateKeyPem, encrypt }: CertificateContent) {
  if (encrypt === undefined) return { Cert: certificatePem, ...(privateKeyPem !== undefined && { Key: privateKeyPem }) }
  return {
    SignCert: certificatePem,
    ...(privateKeyPem !== undefined && { SignPrivateKey: privateKeyPem }),
    EncryptCert: encrypt.certificatePem,
    ...(encrypt.privateKeyPem !== undefined && { EncryptPrivateKey: encrypt.privateKeyPem }),
  }
}

/** The day in UTC, `YYYY-MM-DD`. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
