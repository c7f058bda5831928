import { Problem } from '../../problem.ts'
import { parsePolicyType } from '../policies/policy-type.ts'
import type { PolicyName } from '../policies/policy.ts'

/**
 * The policy that is to be attached or detached, for the whole account.
 *
 * @throws Problem invalidRamValue; resourceGroupNotExist, because attaching it for the account would grant more than was asked for
 */
export function parsePolicyName(given: { readonly type: string; readonly name: string; readonly resourceGroupId: string }): PolicyName {
  if (given.resourceGroupId !== '') throw new Problem('resourceGroupNotExist')
  return { type: parsePolicyType(given.type), name: given.name }
}
