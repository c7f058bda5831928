import { z } from 'zod'
import { certificateStatus } from '../../certificates/certificate-status.ts'
import { type CertificateDescription, describeCertificate, loadCertificateCard } from '../../certificates/describe-certificate.ts'
import { action } from '../../gateway/action.ts'
import { pemOfCsr } from '../../orders/applicant-csr.ts'
import type { Services } from '../../services.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { certificateTarget } from './certificate-target.ts'
import { certIdentifier, shownTags } from './fields.ts'

const ramAction = 'yundun-cert:GetCertificateDetail'

/** Answers what a certificate says of itself, never its PEM or key. */
export const getCertificateDetail = action({
  name: 'GetCertificateDetail',
  version: CAS_VERSION,
  access: 'get',
  ramAction,
  target: certificateTarget('CertificateId'),
  summary: 'Read a certificate without its PEM and private key.',
  strict: false,
  input: z.object({ CertificateId: wireId }),
  output: z.object({
    CertificateId: z.int(),
    CertificateName: z.string(),
    CertIdentifier: z.string(),
    InstanceId: z.string(),
    /** Ours: stays the same over renewals. */
    ResourceId: z.string(),
    CertificateSource: z.enum(['BUY', 'TEST', 'UPLOAD']),
    CertificateStatus: z.enum(['issued', 'willExpire', 'expired', 'revoked']),
    CommonName: z.string(),
    Domain: z.string(),
    SubjectAlternativeNames: z.array(z.string()),
    Issuer: z.string(),
    Serial: z.string(),
    FingerPrint: z.string(),
    Algorithm: z.string(),
    KeySize: z.int(),
    ExistPrivateKey: z.boolean(),
    NotBefore: z.int(),
    NotAfter: z.int(),
    /** The applicant's, if there was one. */
    Csr: z.string().optional(),
    UsingProductList: z.array(z.string()),
    CertificateChainList: z.array(
      z.object({ Subject: z.string(), Issuer: z.string(), NotBefore: z.int(), NotAfter: z.int(), RemainDay: z.int() }),
    ),
    Tags: shownTags,
  }),
  problems: ['notFoundCertificate'],
  async run({ CertificateId }, context, services) {
    const card = await loadCertificateCard(services, context, { certId: CertificateId }, ramAction)
    return toWire(await describeCertificate(services, card), services)
  },
})

function toWire(
  { card, order, chain, tags, holdsKey }: CertificateDescription,
  { catalogue, clock }: Pick<Services, 'catalogue' | 'clock'>,
) {
  const names = card.sans === '' ? [] : card.sans.split(',')
  const bought = order !== undefined && catalogue.find(order.product_code)?.free === true ? ('TEST' as const) : ('BUY' as const)
  return {
    CertificateId: card.id,
    CertificateName: card.name,
    CertIdentifier: certIdentifier(card.id),
    InstanceId: card.instance,
    ResourceId: card.resource,
    CertificateSource: card.source === 'upload' ? ('UPLOAD' as const) : bought,
    CertificateStatus: certificateStatus(card, clock()),
    CommonName: card.common_name,
    Domain: card.sans === '' ? card.common_name : card.sans,
    SubjectAlternativeNames: names,
    Issuer: card.issuer,
    Serial: card.serial,
    FingerPrint: card.sha1.toUpperCase(),
    Algorithm: card.algorithm,
    KeySize: card.key_size,
    ExistPrivateKey: holdsKey,
    NotBefore: card.not_before,
    NotAfter: card.not_after,
    ...(order !== undefined && order.csr !== null && { Csr: pemOfCsr(order.csr) }),
    UsingProductList: [],
    CertificateChainList: chain.map(({ subject, issuer, notBefore, notAfter, remainingDays }) => ({
      Subject: subject,
      Issuer: issuer,
      NotBefore: notBefore,
      NotAfter: notAfter,
      RemainDay: remainingDays,
    })),
    Tags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
  }
}
