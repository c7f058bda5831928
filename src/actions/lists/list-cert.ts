import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listCertificates } from '../../orders/list-certificates.ts'
import { Problem } from '../../problem.ts'
import type { CertificateCardRow } from '../../storage/certificate-cards.ts'
import { certIdentifier } from '../certificates/fields.ts'
import { optionalText, wireId } from '../fields.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'

const statuses = ['ISSUE', 'REVOKE'] as const
const sourceTypes = ['upload', 'aliyun'] as const
const certTypes = ['CA', 'CERT'] as const
const MOST_IDENTIFIERS = 100

/** `<id>-cn-hangzhou`, or the number alone. */
const identifiers = optionalText.transform((text) => text?.split(',').map((one) => one.trim()))

/** Lists certificates as the original's warehouse shows them: here there is one, of all certificates. */
export const listCertAction = action({
  name: 'ListCert',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListCert',
  summary: 'List the certificates of the account as a warehouse shows them. `TotalCount` ends at 10,000.',
  strict: false,
  input: z.object({
    /** Part of a domain name, the certificate's name, an InstanceId or a ResourceId. */
    KeyWord: optionalText,
    /** There are no warehouses: one that is named does not exist. */
    WarehouseId: wireId.optional(),
    Status: z
      .enum([...statuses, ''], { error: `One of ${statuses.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    SourceType: z
      .enum([...sourceTypes, ''], { error: `One of ${sourceTypes.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    /** CA certificates are not kept: with `CA` the list is empty. */
    CertType: z
      .enum([...certTypes, ''], { error: `One of ${certTypes.join(', ')} is needed.` })
      .optional()
      .transform((text) => text || undefined),
    Identifiers: identifiers,
    ...pageNumberFields(50),
  }),
  output: z.object({
    CertList: z.array(
      z.object({
        Identifier: z.string(),
        Status: z.enum(statuses),
        SourceType: z.enum(sourceTypes),
        CertType: z.enum(certTypes),
        CommonName: z.string(),
        Sans: z.string(),
        Issuer: z.string(),
        BeforeDate: z.int(),
        AfterDate: z.int(),
        ExistPrivateKey: z.boolean(),
        Algorithm: z.string(),
        SerialNo: z.string(),
        /** As Java names it, e.g. `SHA256withRSA`. */
        SignAlgorithm: z.string(),
      }),
    ),
    ...pageNumberAnswer,
  }),
  problems: ['notFoundContent'],
  async run(input, context, services) {
    if (input.WarehouseId !== undefined) throw new Problem('notFoundContent', { what: 'warehouse' })
    const { Status, SourceType, CurrentPage, ShowSize } = input
    const { rows, total } = await listCertificates(services, {
      context,
      origins: SourceType === undefined ? ['buy', 'test', 'upload'] : SourceType === 'upload' ? ['upload'] : ['buy', 'test'],
      choice: Status === undefined ? undefined : Status === 'REVOKE' ? 'revoked' : 'unrevoked',
      keyword: input.KeyWord,
      group: undefined,
      ids: input.CertType === 'CA' ? [] : input.Identifiers === undefined ? undefined : readIdentifiers(input.Identifiers),
      page: CurrentPage,
      size: ShowSize,
    })
    return { CertList: rows.map(toWire), CurrentPage, ShowSize, TotalCount: total }
  },
})

/** The ids among the identifiers; what is none of ours names no certificate. Throws Problem invalidParameter for too many. */
function readIdentifiers(texts: readonly string[]): number[] {
  if (texts.length > MOST_IDENTIFIERS) {
    throw new Problem('invalidParameter', { P: 'Identifiers', rule: `At most ${MOST_IDENTIFIERS} are allowed.` })
  }
  return texts.flatMap((text) => {
    const [, digits] = /^([1-9][0-9]{0,15})(?:-cn-hangzhou)?$/.exec(text) ?? []
    return digits !== undefined && Number.isSafeInteger(Number(digits)) ? [Number(digits)] : []
  })
}

function toWire(card: CertificateCardRow) {
  return {
    Identifier: certIdentifier(card.id),
    Status: card.revoked_at === null ? ('ISSUE' as const) : ('REVOKE' as const),
    SourceType: card.source === 'upload' ? ('upload' as const) : ('aliyun' as const),
    CertType: 'CERT' as const,
    CommonName: card.common_name,
    Sans: card.sans,
    Issuer: card.issuer,
    BeforeDate: card.not_before,
    AfterDate: card.not_after,
    ExistPrivateKey: card.has_key === 1,
    Algorithm: card.algorithm,
    SerialNo: card.serial,
    SignAlgorithm: card.sign_algorithm,
  }
}
