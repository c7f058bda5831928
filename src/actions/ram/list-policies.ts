import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listPoliciesOfAccount } from '../../ram/policies/list-policies.ts'
import { parsePolicyType } from '../../ram/policies/policy-type.ts'
import { optionalText } from '../fields.ts'
import { RAM_VERSION } from '../versions.ts'
import { cutPage, pageFields, truncation, wireTime } from './fields.ts'
import { jsonTags } from './json-list.ts'
import { listedTags, policyFields, policyToWire, tagsToWire } from './policy-fields.ts'

/** List the policies of the system and of the account. */
export const listPoliciesAction = action({
  name: 'ListPolicies',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListPolicies',
  target: { resources: () => ['policy/*'] },
  summary: 'List the policies of the system and of the account.',
  strict: false,
  input: z.object({ PolicyType: optionalText, Tag: jsonTags, ...pageFields }),
  output: z.object({
    Policies: z.object({
      Policy: z.array(
        z.object({ ...policyFields, CreateDate: z.string(), UpdateDate: z.string(), AttachmentCount: z.int(), Tags: listedTags }),
      ),
    }),
    ...truncation,
  }),
  problems: ['invalidRamValue'],
  async run({ PolicyType, Tag, Marker, MaxItems }, context, services) {
    const listed = await listPoliciesOfAccount(services, context.caller.accountId, {
      type: PolicyType === undefined ? undefined : parsePolicyType(PolicyType),
      tags: Tag.map(({ Key, Value }) => ({ key: Key, value: Value })),
      afterId: Marker ?? 0,
      limit: MaxItems + 1,
    })
    const { page, ...rest } = cutPage(listed, MaxItems)
    return {
      Policies: {
        Policy: page.map((policy) => ({
          ...policyToWire(policy),
          CreateDate: wireTime(policy.createdAt),
          UpdateDate: wireTime(policy.updatedAt),
          AttachmentCount: policy.attachmentCount,
          Tags: tagsToWire(policy.tags),
        })),
      },
      ...rest,
    }
  },
})
