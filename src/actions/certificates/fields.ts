import { z } from 'zod'

/** `true` or `false` in any case; absent or empty: false. */
export const wireFlag = z
  .string()
  .regex(/^(true|false|)$/i, 'true or false is needed.')
  .optional()
  .transform((text) => text?.toLowerCase() === 'true')

/** `ResourceGroupId`; absent or empty: none. */
export const resourceGroup = z
  .string()
  .regex(/^(rg-[A-Za-z0-9]{1,61}|)$/, 'A name of the form rg-… is needed: up to 64 letters and digits.')
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** A stable name of certificates, `cas-cert-<id>` or `cas-upload-<id>`. */
export const resourceId = z
  .string()
  .regex(/^(cas-(cert|upload)-[1-9][0-9]{0,15}|)$/, 'A ResourceId of the form cas-cert-… or cas-upload-… is needed.')
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** `TagKey` and `TagValue`, as details of certificates spell them. */
export const shownTags = z.array(z.object({ TagKey: z.string(), TagValue: z.string() }))

/** The full identifier that other products of the original take. There is one region here. */
export function certIdentifier(certificateId: number): string {
  return `${certificateId}-cn-hangzhou`
}
