import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { type AttachedRow, listAttached, listHoldingGroups, listHoldingRoles, listHoldingUsers } from '../../storage/ram-attachments.ts'
import { loadPolicy } from '../policies/load-policy.ts'
import { policyKey, type PolicyName } from '../policies/policy.ts'
import { findSystemPolicyText } from '../policy/system-policy-texts.ts'
import { assertStoredName } from '../stored-name.ts'
import { type HolderName, loadHolder } from './holder.ts'

/** A policy as it is listed for who holds it. */
export interface AttachedPolicy extends PolicyName {
  readonly description: string
  readonly defaultVersion: number
  /** ms. */
  readonly attachedAt: number
}

/**
 * What is attached to a user, group or role itself, in the order in which it was.
 *
 * @throws Problem entityNotExist
 */
export async function listPoliciesOfHolder(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  holder: HolderName,
): Promise<AttachedPolicy[]> {
  const { accountId } = context.caller
  const { id, name } = await loadHolder(services, accountId, holder)
  await assertStoredName(services, context, { type: holder.kind, given: holder.name, stored: name })
  return (await listAttached(services.db.read, accountId, holder.kind, id)).map(toAttachedPolicy)
}

function toAttachedPolicy(row: AttachedRow): AttachedPolicy {
  const attachedAt = row.attached_at
  if (row.name !== null) {
    return { type: 'Custom', name: row.name, description: row.description ?? '', defaultVersion: row.default_version ?? 1, attachedAt }
  }
  const name = row.policy_key.slice('System:'.length)
  const system = findSystemPolicyText(name)
  // One that is no longer among the policies of the system grants nothing; it is shown so that it can be detached.
  return { type: 'System', name: system?.name ?? name, description: system?.description ?? '', defaultVersion: 1, attachedAt }
}

/** Who holds a policy, in the order in which it was attached. */
export interface PolicyHolders {
  readonly users: Awaited<ReturnType<typeof listHoldingUsers>>
  readonly groups: Awaited<ReturnType<typeof listHoldingGroups>>
  readonly roles: Awaited<ReturnType<typeof listHoldingRoles>>
}

/** @throws Problem entityNotExist */
export async function listHolders(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  policy: PolicyName,
): Promise<PolicyHolders> {
  const { accountId } = context.caller
  const { type, name } = await loadPolicy(services, accountId, policy)
  await assertStoredName(services, context, { type: 'policy', given: policy.name, stored: name })
  const key = policyKey(type, name)
  const { read } = services.db
  return {
    users: await listHoldingUsers(read, accountId, key),
    groups: await listHoldingGroups(read, accountId, key),
    roles: await listHoldingRoles(read, accountId, key),
  }
}
