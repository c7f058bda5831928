import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listHolders } from '../../ram/attachments/list-attached.ts'
import { parsePolicyType } from '../../ram/policies/policy-type.ts'
import { roleName } from '../../ram/principals.ts'
import { roleWireId, userWireId } from '../../ram/wire-ids.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'
import { policyResource } from './policy-fields.ts'

const AttachDate = z.string()

/** List the users, groups and roles that a policy is attached to. */
export const listEntitiesForPolicyAction = action({
  name: 'ListEntitiesForPolicy',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListEntitiesForPolicy',
  target: { resources: policyResource },
  summary: 'List the users, groups and roles that a policy is attached to.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), PolicyType: z.string().min(1) }),
  output: z.object({
    Users: z.object({
      User: z.array(z.object({ UserId: z.string(), UserName: z.string(), DisplayName: z.string(), AttachDate })),
    }),
    Groups: z.object({ Group: z.array(z.object({ GroupName: z.string(), Comments: z.string(), AttachDate })) }),
    Roles: z.object({
      Role: z.array(z.object({ RoleId: z.string(), RoleName: z.string(), Arn: z.string(), Description: z.string(), AttachDate })),
    }),
  }),
  problems: ['invalidRamValue', 'entityNotExist'],
  async run({ PolicyName, PolicyType }, context, services) {
    const { users, groups, roles } = await listHolders(services, context, { type: parsePolicyType(PolicyType), name: PolicyName })
    return {
      Users: {
        User: users.map(({ id, name, display_name, attached_at }) => ({
          UserId: userWireId(id),
          UserName: name,
          DisplayName: display_name,
          AttachDate: wireTime(attached_at),
        })),
      },
      Groups: {
        Group: groups.map(({ name, comments, attached_at }) => ({
          GroupName: name,
          Comments: comments,
          AttachDate: wireTime(attached_at),
        })),
      },
      Roles: {
        Role: roles.map(({ id, name, description, attached_at }) => ({
          RoleId: roleWireId(id),
          RoleName: name,
          Arn: roleName(context.caller.accountId, name),
          Description: description,
          AttachDate: wireTime(attached_at),
        })),
      },
    }
  },
})
