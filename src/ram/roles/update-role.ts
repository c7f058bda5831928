import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { RoleRow } from '../../storage/ram-roles.ts'
import { parseRamText } from '../names.ts'
import { documentDigest } from '../policies/document-digest.ts'
import { prepareRamChange } from '../ram-change.ts'
import { assertStoredName } from '../stored-name.ts'
import { loadRole } from './role.ts'
import { parseSessionSeconds } from './session-seconds.ts'
import { assertTrustDocument } from './trust-document.ts'

/** What changes; undefined leaves it as it is. */
export interface RoleChanges {
  readonly description: string | undefined
  readonly trustDocument: string | undefined
  readonly maxSessionSeconds: number | undefined
}

/**
 * Changes a role. Sessions that run keep their end; the trust policy is asked when the next one begins.
 *
 * @throws Problem entityNotExist, invalidRamName, invalidRamValue, malformedPolicyDocument, callerInactive
 */
export async function updateRole(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  roleName: string,
  changes: RoleChanges,
): Promise<RoleRow> {
  const { accountId } = context.caller
  const role = await loadRole(services, accountId, roleName)
  await assertStoredName(services, context, { type: 'role', given: roleName, stored: role.name })
  const { description, trustDocument, maxSessionSeconds } = changes
  if (trustDocument !== undefined) await assertTrustDocument(services, accountId, trustDocument)
  await services.db.write.updateRole({
    ...(await prepareRamChange(services, context)),
    roleId: role.id,
    name: role.name,
    description: description === undefined ? null : parseRamText(description, 'Description', 'NewDescription'),
    trustDocument: trustDocument ?? null,
    documentSha256: trustDocument === undefined ? null : documentDigest(trustDocument),
    maxSessionSeconds: maxSessionSeconds === undefined ? null : parseSessionSeconds(maxSessionSeconds, 'NewMaxSessionDuration'),
  })
  return await loadRole(services, accountId, roleName)
}
