import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createRole } from '../../ram/roles/create-role.ts'
import { RAM_VERSION } from '../versions.ts'
import { holderResource } from './attachment-fields.ts'
import { jsonTags } from './json-list.ts'
import { optionalSeconds, roleFields, roleToWire } from './role-fields.ts'

/** Create a role, which may do nothing yet. */
export const createRoleAction = action({
  name: 'CreateRole',
  version: RAM_VERSION,
  access: 'create',
  ramAction: 'ram:CreateRole',
  target: { resources: ({ RoleName }) => holderResource('role', RoleName) },
  summary: 'Create a role, which may do nothing yet; its trust policy says who may assume it.',
  strict: false,
  input: z.object({
    RoleName: z.string().min(1),
    AssumeRolePolicyDocument: z.string().min(1),
    Description: z.string().default(''),
    MaxSessionDuration: optionalSeconds,
    Tag: jsonTags,
  }),
  output: z.object({ Role: z.object({ ...roleFields, AssumeRolePolicyDocument: z.string() }) }),
  problems: ['invalidRamName', 'invalidRamValue', 'malformedPolicyDocument', 'roleExists', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const role = await createRole(services, context, {
      name: input.RoleName,
      description: input.Description,
      trustDocument: input.AssumeRolePolicyDocument,
      maxSessionSeconds: input.MaxSessionDuration,
      tags: input.Tag.map(({ Key, Value }) => ({ key: Key, value: Value })),
    })
    return { Role: { ...roleToWire(role), AssumeRolePolicyDocument: role.trust_document } }
  },
})
