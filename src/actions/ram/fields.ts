import { z } from 'zod'
import { optionalText } from '../fields.ts'
import type { AccessKeyView, UserRow } from '../../storage/ram-users.ts'
import type { GroupRow } from '../../storage/ram-groups.ts'
import { groupWireId, userWireId } from '../../ram/wire-ids.ts'

/** An instant as RAM writes it: ISO 8601, UTC, whole seconds. */
export function wireTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** `Marker` and `MaxItems` of a list. */
export const pageFields = {
  Marker: optionalText.pipe(
    z
      .string()
      .regex(/^[0-9]{1,16}$/, 'It must be the Marker of an earlier answer.')
      .transform(Number)
      .optional(),
  ),
  MaxItems: optionalText.pipe(
    z
      .string()
      .regex(/^[0-9]{1,4}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= 1000, '1 to 1000 are allowed.')
      .default(100),
  ),
}

/** The rows of a page and what tells where the next one begins; one row more than asked for was read. */
export function cutPage<Row extends { readonly id: number }>(
  rows: readonly Row[],
  size: number,
): { readonly page: readonly Row[]; readonly IsTruncated: boolean; readonly Marker?: string } {
  const page = rows.slice(0, size)
  const last = page.at(-1)
  return rows.length > size && last !== undefined ? { page, IsTruncated: true, Marker: String(last.id) } : { page, IsTruncated: false }
}

export const truncation = { IsTruncated: z.boolean(), Marker: z.string().optional() }

/** `Tag.N.Key` and `Tag.N.Value`. */
export const ramTags = z.array(z.object({ Key: z.string().default(''), Value: z.string().default('') })).default([])

export const userFields = z.object({
  UserId: z.string(),
  UserName: z.string(),
  DisplayName: z.string(),
  MobilePhone: z.string(),
  Email: z.string(),
  Comments: z.string(),
  CreateDate: z.string(),
  UpdateDate: z.string(),
})

export function userToWire(user: UserRow): z.input<typeof userFields> {
  return {
    UserId: userWireId(user.id),
    UserName: user.name,
    DisplayName: user.display_name,
    MobilePhone: user.mobile_phone,
    Email: user.email,
    Comments: user.comments,
    CreateDate: wireTime(user.created_at),
    UpdateDate: wireTime(user.updated_at),
  }
}

export const groupFields = z.object({
  GroupId: z.string(),
  GroupName: z.string(),
  Comments: z.string(),
  CreateDate: z.string(),
  UpdateDate: z.string(),
})

export function groupToWire(group: GroupRow): z.input<typeof groupFields> {
  return {
    GroupId: groupWireId(group.id),
    GroupName: group.name,
    Comments: group.comments,
    CreateDate: wireTime(group.created_at),
    UpdateDate: wireTime(group.updated_at),
  }
}

export const accessKeyFields = z.object({ AccessKeyId: z.string(), Status: z.enum(['Active', 'Inactive']), CreateDate: z.string() })

export function accessKeyToWire({ id, status, created_at }: AccessKeyView): z.input<typeof accessKeyFields> {
  return { AccessKeyId: id, Status: status, CreateDate: wireTime(created_at) }
}
