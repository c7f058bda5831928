import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { listPolicyVersions } from '../../storage/ram-policies.ts'
import { nameKey } from '../name-key.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadPolicy } from './load-policy.ts'
import type { PolicyName, PolicyVersion } from './policy.ts'

/**
 * All versions of a policy, the oldest first.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Policy`)
 */
export async function listVersions(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  asked: PolicyName,
): Promise<PolicyVersion[]> {
  const { accountId } = context.caller
  const policy = await loadPolicy(services, accountId, asked)
  await assertStoredName(services, context, { type: 'policy', given: asked.name, stored: policy.name })
  const { defaultVersion, document, versionCreatedAt } = policy
  if (policy.type === 'System') return [{ version: defaultVersion, isDefault: true, document, createdAt: versionCreatedAt }]
  const rows = await listPolicyVersions(services.db.read, accountId, nameKey(policy.name))
  return rows.map((row) => ({
    version: row.version,
    isDefault: row.version === defaultVersion,
    document: row.document,
    createdAt: row.created_at,
  }))
}

/**
 * One version of a policy.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Policy` or `EntityNotExist.Policy.Version`)
 */
export async function loadPolicyVersion(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  asked: PolicyName & { readonly version: number },
): Promise<PolicyVersion> {
  const found = (await listVersions(services, context, asked)).find(({ version }) => version === asked.version)
  if (found === undefined) throw new Problem('entityNotExist', { P: 'Policy.Version', what: 'policy version' })
  return found
}
