import { z } from 'zod'
import type { UncheckedInput } from '../../gateway/action.ts'
import type { AttachedPolicy } from '../../ram/attachments/list-attached.ts'
import { wireTime } from './fields.ts'
import { policyFields, policyResource, policyToWire } from './policy-fields.ts'

/** The policy of an attachment. */
export const attachedPolicyFields = {
  PolicyType: z.string().min(1),
  PolicyName: z.string().min(1),
  ResourceGroupId: z.string().default(''),
}

/**
 * Who holds and what is held. A policy of the system is no resource of the account: there the holder alone is asked for.
 *
 * @param holder e.g. `user/alice`, if the call names one
 */
export function attachmentResources(input: UncheckedInput, holder: readonly string[]): readonly string[] {
  return input['PolicyType'] === 'System' ? holder : [...holder, ...policyResource(input)]
}

/** The relative id of a holder, if the call names one. */
export function holderResource(type: 'user' | 'group' | 'role', name: unknown): readonly string[] {
  return typeof name === 'string' && name !== '' ? [`${type}/${name}`] : []
}

export function policyGiven(input: { PolicyType: string; PolicyName: string; ResourceGroupId: string }) {
  return { type: input.PolicyType, name: input.PolicyName, resourceGroupId: input.ResourceGroupId }
}

/** The policies of a user, group or role. */
export const attachedPolicies = z.object({ Policy: z.array(z.object({ ...policyFields, AttachDate: z.string() })) })

export function attachedToWire(policies: readonly AttachedPolicy[]): z.input<typeof attachedPolicies> {
  return { Policy: policies.map((policy) => ({ ...policyToWire(policy), AttachDate: wireTime(policy.attachedAt) })) }
}
