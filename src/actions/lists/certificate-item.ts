import { z } from 'zod'
import { hasExpired } from '../../orders/order-status.ts'
import type { CertificateCardRow } from '../../storage/certificate-cards.ts'

/** A certificate in ListUserCertificateOrder. */
export const certificateItem = z.object({
  CertificateId: z.int(),
  Name: z.string(),
  InstanceId: z.string(),
  /** Ours: stays the same over renewals. */
  ResourceId: z.string(),
  CommonName: z.string(),
  Sans: z.string(),
  Issuer: z.string(),
  OrgName: z.string(),
  Country: z.string(),
  Province: z.string(),
  City: z.string(),
  SerialNo: z.string(),
  Fingerprint: z.string(),
  Sha2: z.string(),
  StartDate: z.string(),
  EndDate: z.string(),
  Expired: z.boolean(),
  Upload: z.boolean(),
  ResourceGroupId: z.string(),
})

/** A certificate as the list shows it at an instant, ms. */
export function certificateToWire(card: CertificateCardRow, at: number): z.input<typeof certificateItem> {
  return {
    CertificateId: card.id,
    Name: card.name,
    InstanceId: card.instance,
    ResourceId: card.resource,
    CommonName: card.common_name,
    Sans: card.sans,
    Issuer: card.issuer,
    OrgName: card.organization,
    Country: card.country,
    Province: card.province,
    City: card.city,
    SerialNo: card.serial,
    Fingerprint: card.sha1.toUpperCase(),
    Sha2: card.sha256.toUpperCase(),
    StartDate: dayOf(card.not_before),
    EndDate: dayOf(card.not_after),
    Expired: hasExpired(card.not_after, at),
    Upload: card.source === 'upload',
    ResourceGroupId: card.resource_group ?? '',
  }
}

/** The day in UTC, `YYYY-MM-DD`. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
