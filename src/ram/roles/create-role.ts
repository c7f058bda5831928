import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import type { RoleRow } from '../../storage/ram-roles.ts'
import { nameKey } from '../name-key.ts'
import { parseRamText } from '../names.ts'
import { documentDigest } from '../policies/document-digest.ts'
import { prepareRamChange } from '../ram-change.ts'
import { parseRamTags, type RamTag } from '../tags/ram-tags.ts'
import { sessionSeconds } from './role-limits.ts'
import { parseSessionSeconds } from './session-seconds.ts'
import { assertTrustDocument } from './trust-document.ts'

/** What a role begins with. */
export interface NewRole {
  readonly name: string
  readonly description: string
  /** JSON. */
  readonly trustDocument: string
  readonly maxSessionSeconds: number | undefined
  readonly tags: readonly RamTag[]
}

/**
 * Makes a role, which may do nothing yet.
 *
 * @throws Problem invalidRamName, invalidRamValue, invalidParameter, malformedPolicyDocument, roleExists, limitExceeded, callerInactive
 */
export async function createRole(services: Pick<Services, 'db' | 'clock'>, context: RequestContext, given: NewRole): Promise<RoleRow> {
  const { accountId } = context.caller
  const { trustDocument } = given
  const name = parseRamText(given.name, 'RoleName')
  const description = parseRamText(given.description, 'Description')
  const maxSessionSeconds = parseSessionSeconds(given.maxSessionSeconds ?? sessionSeconds.default, 'MaxSessionDuration')
  await assertTrustDocument(services, accountId, trustDocument)
  const tags = parseRamTags(given.tags)
  const change = await prepareRamChange(services, context)
  const roleId = await services.db.nextId('ram_roles')
  const key = nameKey(name)
  const documentSha256 = documentDigest(trustDocument)
  await services.db.write.createRole({
    ...change,
    roleId,
    name,
    nameKey: key,
    description,
    trustDocument,
    documentSha256,
    maxSessionSeconds,
    tags,
  })
  return {
    id: roleId,
    account_id: accountId,
    name,
    name_key: key,
    description,
    trust_document: trustDocument,
    max_session_seconds: maxSessionSeconds,
    created_at: change.now,
    updated_at: change.now,
  }
}
