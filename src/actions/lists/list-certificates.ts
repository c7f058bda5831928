import { z } from 'zod'
import { certificateStatus } from '../../certificates/certificate-status.ts'
import { action } from '../../gateway/action.ts'
import { type CertificateChoice, listCertificates } from '../../orders/list-certificates.ts'
import { findNamedResources } from '../../orders/named-resources.ts'
import type { Services } from '../../services.ts'
import type { CertificateCardRow } from '../../storage/certificate-cards.ts'
import { findCertificateCard } from '../../storage/named-resources.ts'
import { certIdentifier, resourceGroup } from '../certificates/fields.ts'
import { optionalText } from '../fields.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'

const sources = ['BUY', 'TEST', 'UPLOAD'] as const
const statuses = ['issued', 'revoked', 'willExpire', 'expired'] as const
const choices = {
  issued: 'ISSUED',
  willExpire: 'WILLEXPIRED',
  expired: 'EXPIRED',
  revoked: 'revoked',
} as const satisfies Record<(typeof statuses)[number], CertificateChoice>

/** Lists certificates, whatever became of them, unless they were deleted. */
export const listCertificatesAction = action({
  name: 'ListCertificates',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListCertificates',
  summary:
    'List the certificates of the account, issued and uploaded, the newest first; by a status that time decides the one that ends last. `TotalCount` ends at 10,000.',
  strict: false,
  input: z.object({
    CertificateSource: z
      .enum([...sources, ''], { error: `One of ${sources.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    CertificateStatus: z
      .enum([...statuses, ''], { error: `One of ${statuses.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    /** The instance of one certificate; ours: a ResourceId too, which names the newest of a chain of renewals. */
    InstanceId: optionalText,
    /** Part of a domain name, the certificate's name, an InstanceId or a ResourceId. */
    Keyword: optionalText,
    ResourceGroupId: resourceGroup,
    ...pageNumberFields(10),
  }),
  output: z.object({
    CertificateList: z.array(
      z.object({
        CertificateId: z.string(),
        CertificateName: z.string(),
        CertIdentifier: z.string(),
        InstanceId: z.string(),
        /** Ours: stays the same over renewals. */
        ResourceId: z.string(),
        CertificateSource: z.enum(sources),
        CertificateStatus: z.enum(statuses),
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
        UsingProductList: z.array(z.string()),
      }),
    ),
    ...pageNumberAnswer,
  }),
  problems: [],
  async run(input, context, services) {
    const { CertificateSource: source, CertificateStatus: status, CurrentPage, ShowSize } = input
    const { rows, total, at } = await listCertificates(services, {
      context,
      origins: source === undefined ? ['buy', 'test', 'upload'] : [originOf(source)],
      choice: status === undefined ? undefined : choices[status],
      keyword: input.Keyword,
      group: input.ResourceGroupId,
      ids: input.InstanceId === undefined ? undefined : await findByName(services, context.caller.accountId, input.InstanceId),
      page: CurrentPage,
      size: ShowSize,
    })
    return { CertificateList: rows.map((card) => toWire(card, at)), CurrentPage, ShowSize, TotalCount: total }
  },
})

function originOf(source: (typeof sources)[number]) {
  return ({ BUY: 'buy', TEST: 'test', UPLOAD: 'upload' } as const)[source]
}

/** The certificate that a name stands for: one or none. */
async function findByName(services: Pick<Services, 'db'>, accountId: number, name: string): Promise<number[]> {
  const { found } = await findNamedResources(services, accountId, [name])
  const [one] = found
  if (one === undefined) return []
  const by = one.kind === 'order' ? { orderId: one.id } : { certificateId: one.id }
  return [(await findCertificateCard(services.db.read, accountId, by)) ?? []].flat()
}

function toWire(card: CertificateCardRow, at: number) {
  return {
    CertificateId: String(card.id),
    CertificateName: card.name,
    CertIdentifier: certIdentifier(card.id),
    InstanceId: card.instance,
    ResourceId: card.resource,
    CertificateSource: ({ buy: 'BUY', test: 'TEST', upload: 'UPLOAD' } as const)[card.origin],
    CertificateStatus: certificateStatus(card, at),
    CommonName: card.common_name,
    Domain: card.sans === '' ? card.common_name : card.sans,
    SubjectAlternativeNames: card.sans === '' ? [] : card.sans.split(','),
    Issuer: card.issuer,
    Serial: card.serial,
    FingerPrint: card.sha1.toUpperCase(),
    Algorithm: card.algorithm,
    KeySize: card.key_size,
    ExistPrivateKey: card.has_key === 1,
    NotBefore: card.not_before,
    NotAfter: card.not_after,
    UsingProductList: [],
  }
}
