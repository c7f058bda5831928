import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { findSystemPolicyText } from '../policy/system-policy-texts.ts'
import { prepareRamChange } from '../ram-change.ts'
import { parseRamTags, type RamTag } from '../tags/ram-tags.ts'
import { documentDigest } from './document-digest.ts'
import { assertPolicyDocument } from './policy-document.ts'
import type { Policy } from './policy.ts'

/**
 * Makes a policy of the account's own, with one version. The names of system policies are taken.
 *
 * @throws Problem invalidRamName, invalidParameter, malformedPolicyDocument, policyExists, limitExceeded, callerInactive
 */
export async function createPolicy(
  services: Pick<Services, 'db' | 'clock'>,
  context: RequestContext,
  given: { readonly name: string; readonly description: string; readonly document: string; readonly tags: readonly RamTag[] },
): Promise<Policy> {
  const { document } = given
  const name = parseRamText(given.name, 'PolicyName')
  const description = parseRamText(given.description, 'Description')
  await assertPolicyDocument(services, context.caller.accountId, document)
  // A decision names the policy by its name alone: two of one name could not be told apart.
  if (findSystemPolicyText(name) !== undefined) throw new Problem('policyExists')
  const change = await prepareRamChange(services, context)
  await services.db.write.createPolicy({
    ...change,
    policyId: await services.db.nextId('ram_policies'),
    name,
    nameKey: nameKey(name),
    description,
    document,
    documentSha256: documentDigest(document),
    tags: parseRamTags(given.tags),
  })
  const { now } = change
  return { type: 'Custom', name, description, defaultVersion: 1, document, versionCreatedAt: now, createdAt: now, updatedAt: now }
}
