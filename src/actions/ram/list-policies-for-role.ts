import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listPoliciesOfHolder } from '../../ram/attachments/list-attached.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicies, attachedToWire, holderResource } from './attachment-fields.ts'

/** List the policies that are attached to a role. */
export const listPoliciesForRoleAction = action({
  name: 'ListPoliciesForRole',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListPoliciesForRole',
  target: { resources: ({ RoleName }) => holderResource('role', RoleName) },
  summary: 'List the policies that are attached to a role.',
  strict: false,
  input: z.object({ RoleName: z.string().min(1) }),
  output: z.object({ Policies: attachedPolicies }),
  problems: ['entityNotExist'],
  async run({ RoleName }, context, services) {
    return { Policies: attachedToWire(await listPoliciesOfHolder(services, context, { kind: 'role', name: RoleName })) }
  },
})
