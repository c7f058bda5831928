import { z } from 'zod'
import { roleName } from '../../ram/principals.ts'
import { roleWireId } from '../../ram/wire-ids.ts'
import type { RoleRow } from '../../storage/ram-roles.ts'
import { optionalText } from '../fields.ts'
import { wireTime } from './fields.ts'

/** Seconds, or nothing. */
export const optionalSeconds = optionalText.pipe(
  z
    .string()
    .regex(/^[0-9]{1,9}$/, 'A whole number is needed.')
    .transform(Number)
    .optional(),
)

/** What every answer about a role says of it. */
export const roleFields = {
  RoleId: z.string(),
  RoleName: z.string(),
  Arn: z.string(),
  Description: z.string(),
  MaxSessionDuration: z.int(),
  CreateDate: z.string(),
}

export function roleToWire({ id, account_id, name, description, max_session_seconds, created_at }: RoleRow) {
  return {
    RoleId: roleWireId(id),
    RoleName: name,
    Arn: roleName(account_id, name),
    Description: description,
    MaxSessionDuration: max_session_seconds,
    CreateDate: wireTime(created_at),
  }
}

/** A role with its trust policy and its last change. */
export const wholeRole = z.object({ ...roleFields, AssumeRolePolicyDocument: z.string(), UpdateDate: z.string() })

export function wholeRoleToWire(role: RoleRow): z.input<typeof wholeRole> {
  return { ...roleToWire(role), AssumeRolePolicyDocument: role.trust_document, UpdateDate: wireTime(role.updated_at) }
}
