import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listVersions } from '../../ram/policies/list-versions.ts'
import { parsePolicyType } from '../../ram/policies/policy-type.ts'
import { RAM_VERSION } from '../versions.ts'
import { policyResource, versionFields, versionToWire } from './policy-fields.ts'

/** List the versions of a policy. */
export const listPolicyVersionsAction = action({
  name: 'ListPolicyVersions',
  version: RAM_VERSION,
  access: 'list',
  ramAction: 'ram:ListPolicyVersions',
  target: { resources: policyResource },
  summary: 'List the versions of a policy, the oldest first.',
  strict: false,
  input: z.object({ PolicyName: z.string().min(1), PolicyType: z.string().min(1) }),
  output: z.object({ PolicyVersions: z.object({ PolicyVersion: z.array(versionFields) }) }),
  problems: ['invalidRamValue', 'entityNotExist'],
  async run({ PolicyName, PolicyType }, context, services) {
    const versions = await listVersions(services, context, { type: parsePolicyType(PolicyType), name: PolicyName })
    return { PolicyVersions: { PolicyVersion: versions.map(versionToWire) } }
  },
})
