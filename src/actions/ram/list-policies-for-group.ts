import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listPoliciesOfHolder } from '../../ram/attachments/list-attached.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicies, attachedToWire, holderResource } from './attachment-fields.ts'

/** List the policies that are attached to a group. */
export const listPoliciesForGroupAction = action({
  name: 'ListPoliciesForGroup',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListPoliciesForGroup',
  target: { resources: ({ GroupName }) => holderResource('group', GroupName) },
  summary: 'List the policies that are attached to a group.',
  strict: false,
  input: z.object({ GroupName: z.string().min(1) }),
  output: z.object({ Policies: attachedPolicies }),
  problems: ['entityNotExist'],
  async run({ GroupName }, context, services) {
    return { Policies: attachedToWire(await listPoliciesOfHolder(services, context, { kind: 'group', name: GroupName })) }
  },
})
