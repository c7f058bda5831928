import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadPolicy } from '../../ram/policies/load-policy.ts'
import { parsePolicyType } from '../../ram/policies/policy-type.ts'
import { policyKey } from '../../ram/policies/policy.ts'
import { assertStoredName } from '../../ram/stored-name.ts'
import { countAttachments } from '../../storage/ram-attachments.ts'
import { RAM_VERSION } from '../versions.ts'
import { wireTime } from './fields.ts'
import { policyFields, policyResource, policyToWire, versionFields, versionToWire } from './policy-fields.ts'

/** Read one policy with its default version. */
export const getPolicyAction = action({
  name: 'GetPolicy',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetPolicy',
  target: { resources: policyResource },
  summary: 'Read one policy with its default version.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), PolicyType: z.string().min(1) }),
  output: z.object({
    Policy: z.object({ ...policyFields, CreateDate: z.string(), UpdateDate: z.string(), AttachmentCount: z.int() }),
    DefaultPolicyVersion: versionFields,
  }),
  problems: ['invalidRamValue', 'entityNotExist'],
  async run({ PolicyName, PolicyType }, context, services) {
    const { accountId } = context.caller
    const policy = await loadPolicy(services, accountId, { type: parsePolicyType(PolicyType), name: PolicyName })
    await assertStoredName(services, context, { type: 'policy', given: PolicyName, stored: policy.name })
    const key = policyKey(policy.type, policy.name)
    const counts = await countAttachments(services.db.read, accountId, [key])
    const { defaultVersion, document, versionCreatedAt } = policy
    return {
      Policy: {
        ...policyToWire(policy),
        CreateDate: wireTime(policy.createdAt),
        UpdateDate: wireTime(policy.updatedAt),
        AttachmentCount: counts.get(key) ?? 0,
      },
      DefaultPolicyVersion: versionToWire({ version: defaultVersion, isDefault: true, document, createdAt: versionCreatedAt }),
    }
  },
})
