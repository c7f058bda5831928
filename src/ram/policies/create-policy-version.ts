import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { prepareRamChange } from '../ram-change.ts'
import { documentDigest } from './document-digest.ts'
import { findOwnPolicy } from './own-policy.ts'
import { assertPolicyDocument } from './policy-document.ts'
import type { PolicyVersion } from './policy.ts'

/** What to do when there are as many versions as are allowed. */
export type RotateStrategy = 'None' | 'DeleteOldestNonDefaultVersionWhenLimitExceeded'

/**
 * Adds a version to a policy of the account's own.
 *
 * @throws Problem entityNotExist, invalidRamName, malformedPolicyDocument, limitExceeded, callerInactive
 */
export async function createPolicyVersion(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  given: { readonly name: string; readonly document: string; readonly setAsDefault: boolean; readonly rotate: RotateStrategy },
): Promise<PolicyVersion> {
  const { document, setAsDefault } = given
  const policy = await findOwnPolicy(services, context, given.name)
  await assertPolicyDocument(services, context.caller.accountId, document)
  const change = await prepareRamChange(services, context)
  const { version } = await services.db.write.createPolicyVersion({
    ...change,
    policyId: policy.id,
    name: policy.name,
    document,
    documentSha256: documentDigest(document),
    setAsDefault,
    rotate: given.rotate !== 'None',
  })
  return { version, isDefault: setAsDefault, document, createdAt: change.now }
}
