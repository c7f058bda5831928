import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listPoliciesOfHolder } from '../../ram/attachments/list-attached.ts'
import { RAM_VERSION } from '../versions.ts'
import { attachedPolicies, attachedToWire, holderResource } from './attachment-fields.ts'

/** List the policies that are attached to a user. */
export const listPoliciesForUserAction = action({
  name: 'ListPoliciesForUser',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListPoliciesForUser',
  target: { resources: ({ UserName }) => holderResource('user', UserName) },
  summary: 'List the policies that are attached to a user.',
  strict: false,
  input: z.object({ UserName: z.string().min(1) }),
  output: z.object({ Policies: attachedPolicies }),
  problems: ['entityNotExist'],
  async run({ UserName }, context, services) {
    return { Policies: attachedToWire(await listPoliciesOfHolder(services, context, { kind: 'user', name: UserName })) }
  },
})
