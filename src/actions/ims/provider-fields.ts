import { z } from 'zod'
import type { UncheckedInput } from '../../gateway/action.ts'
import { providerArn, readTexts } from '../../ram/oidc/provider.ts'
import type { OidcProviderRow } from '../../storage/oidc-providers.ts'
import { optionalText } from '../fields.ts'
import { wireTime } from '../ram/fields.ts'

/** A comma list, or nothing. */
export const optionalList = optionalText.transform((text) => text?.split(',').map((entry) => entry.trim()))

/** `IssuanceLimitTime`, hours. */
export const optionalHours = optionalText.pipe(
  z
    .string()
    .regex(/^[0-9]{1,4}$/, 'A whole number is needed.')
    .transform(Number)
    .optional(),
)

export const providerFields = z.object({
  OIDCProviderName: z.string(),
  Arn: z.string(),
  IssuerUrl: z.string(),
  ClientIds: z.string(),
  Fingerprints: z.string(),
  Description: z.string(),
  IssuanceLimitTime: z.int(),
  CreateDate: z.string(),
  UpdateDate: z.string(),
  GmtCreate: z.string(),
  GmtModified: z.string(),
})

export function providerToWire(row: OidcProviderRow): z.input<typeof providerFields> {
  return {
    OIDCProviderName: row.name,
    Arn: providerArn(row.account_id, row.name),
    IssuerUrl: row.issuer_url,
    ClientIds: readTexts(row.client_ids).join(','),
    Fingerprints: readTexts(row.fingerprints).join(','),
    Description: row.description,
    IssuanceLimitTime: row.issuance_limit_hours,
    CreateDate: wireTime(row.created_at),
    UpdateDate: wireTime(row.updated_at),
    GmtCreate: String(row.created_at),
    GmtModified: String(row.updated_at),
  }
}

/** What permission is asked for. */
export function providerResource({ OIDCProviderName: name }: UncheckedInput): string[] {
  return typeof name === 'string' && name !== '' ? [`oidc-provider/${name}`] : []
}
