import { z } from 'zod'
import type { UncheckedInput } from '../../gateway/action.ts'
import type { Policy, PolicyVersion } from '../../ram/policies/policy.ts'
import type { RamTag } from '../../ram/tags/ram-tags.ts'
import { wireTime } from './fields.ts'

/** The resource that permission sees: the account's own policy that a call names. Policies of the system belong to no account. */
export function policyResource({ PolicyName }: UncheckedInput): readonly string[] {
  return typeof PolicyName === 'string' && PolicyName !== '' ? [`policy/${PolicyName}`] : []
}

/** `true` or `false`, in whatever case; false if absent. */
export const wireFlag = z
  .string()
  .regex(/^(true|false|)$/i, 'true or false is needed.')
  .default('')
  .transform((text) => text.toLowerCase() === 'true')

/** What every answer about a policy says of it. */
export const policyFields = {
  PolicyName: z.string(),
  PolicyType: z.enum(['System', 'Custom']),
  Description: z.string(),
  DefaultVersion: z.string(),
}

export function policyToWire({
  name,
  type,
  description,
  defaultVersion,
}: Pick<Policy, 'name' | 'type' | 'description' | 'defaultVersion'>) {
  return { PolicyName: name, PolicyType: type, Description: description, DefaultVersion: `v${defaultVersion}` }
}

export const versionFields = z.object({
  VersionId: z.string(),
  IsDefaultVersion: z.boolean(),
  PolicyDocument: z.string(),
  CreateDate: z.string(),
})

export function versionToWire({ version, isDefault, document, createdAt }: PolicyVersion): z.input<typeof versionFields> {
  return { VersionId: `v${version}`, IsDefaultVersion: isDefault, PolicyDocument: document, CreateDate: wireTime(createdAt) }
}

/** The tags of a policy or role in a list. */
export const listedTags = z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.string() })) })

export function tagsToWire(tags: readonly RamTag[]): z.input<typeof listedTags> {
  return { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) }
}
