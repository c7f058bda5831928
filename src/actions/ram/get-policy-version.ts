import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadPolicyVersion } from '../../ram/policies/list-versions.ts'
import { parsePolicyType } from '../../ram/policies/policy-type.ts'
import { parseVersionId } from '../../ram/policies/version-id.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource, versionFields, versionToWire } from './policy-fields.ts'

/** Read one version of a policy. */
export const getPolicyVersionAction = action({
  name: 'GetPolicyVersion',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:GetPolicyVersion',
  target: { resources: policyResource },
  summary: 'Read one version of a policy.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), PolicyType: z.string().min(1), VersionId: z.string().min(1) }),
  output: z.object({ PolicyVersion: versionFields }),
  problems: ['invalidRamValue', 'invalidRamName', 'entityNotExist'],
  async run({ PolicyName, PolicyType, VersionId }, context, services) {
    const asked = { type: parsePolicyType(PolicyType), name: PolicyName, version: parseVersionId(VersionId) }
    return { PolicyVersion: versionToWire(await loadPolicyVersion(services, context, asked)) }
  },
})
