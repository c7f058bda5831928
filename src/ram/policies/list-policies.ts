import type { Services } from '../../services.ts'
import { countAttachments } from '../../storage/ram-attachments.ts'
import { listPolicies, type WantedTag } from '../../storage/ram-policies.ts'
import { systemPolicyTexts } from '../policy/system-policy-texts.ts'
import { listTagsById } from '../tags/list-tags-by-id.ts'
import type { RamTag } from '../tags/ram-tags.ts'
import { customPolicy, type Policy, policyKey, type PolicyType, systemPolicy } from './policy.ts'

/** A policy as lists show it. */
export interface ListedPolicy extends Policy {
  /** Tells places in the list: system policies have small numbers, the account's own their ids, which begin far above. */
  readonly id: number
  readonly attachmentCount: number
  readonly tags: readonly RamTag[]
}

/** What is asked of a list. */
export interface PolicyQuery {
  readonly type: PolicyType | undefined
  readonly tags: readonly WantedTag[]
  readonly afterId: number
  readonly limit: number
}

/** Policies of the account after a place: those of the system first, then its own, the oldest first. */
export async function listPoliciesOfAccount(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  { type, tags, afterId, limit }: PolicyQuery,
): Promise<ListedPolicy[]> {
  // System policies have no tags.
  const system =
    type === 'Custom' || tags.length > 0 ? [] : [...systemPolicyTexts.values()].map((found, index) => ({ id: index + 1, found }))
  const before = system.filter(({ id }) => id > afterId).map(({ id, found }) => ({ id, ...systemPolicy(found) }))
  const rows = type === 'System' ? [] : await listPolicies(db.read, accountId, { afterId, limit, tags })
  const listed = [...before, ...rows.map((row) => ({ id: row.id, ...customPolicy(row) }))].slice(0, limit)
  const keys = listed.map((policy) => policyKey(policy.type, policy.name))
  const counts = await countAttachments(db.read, accountId, keys)
  const tagsById = await listTagsById(
    db,
    accountId,
    'policy',
    listed.map(({ id }) => id),
  )
  return listed.map((policy) => ({
    ...policy,
    attachmentCount: counts.get(policyKey(policy.type, policy.name)) ?? 0,
    tags: tagsById.get(policy.id) ?? [],
  }))
}
