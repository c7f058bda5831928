import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { listTaggedNames, listTagsAfter, type TaggedType } from '../../storage/ram-tags.ts'
import { findTagged } from './find-tagged.ts'

/** One tag as lists show it. */
export interface ListedTag {
  readonly name: string
  readonly key: string
  readonly value: string
}

/**
 * A page of tags of one type of resource, by resource and key.
 *
 * @param position of an earlier answer
 * @throws Problem invalidParameter, entityNotExist
 */
export async function listRamTags(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  ask: { readonly type: TaggedType; readonly names: readonly string[]; readonly position: string | undefined; readonly limit: number },
): Promise<{ readonly tags: readonly ListedTag[]; readonly position: string | undefined }> {
  const { db } = services
  const { accountId } = context.caller
  const ids = ask.names.length === 0 ? undefined : (await findTagged(services, context, ask.type, ask.names)).map(({ id }) => id)
  const [afterId, afterKey] = readPosition(ask.position)
  const rows = await listTagsAfter(db.read, accountId, ask.type, { ids, afterId, afterKey, limit: ask.limit })
  const names = await listTaggedNames(db.read, accountId, ask.type, [...new Set(rows.map(({ resource_id: id }) => id))])
  const last = rows.at(-1)
  return {
    tags: rows.map(({ resource_id: id, key, value }) => ({ name: names.get(id) ?? '', key, value })),
    position: last === undefined || rows.length < ask.limit ? undefined : writePosition(last.resource_id, last.key),
  }
}

function readPosition(text: string | undefined): [number, string] {
  if (text === undefined) return [0, '']
  const [, digits, key] = /^([0-9]{1,16}):(.+)$/s.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
  if (digits === undefined || key === undefined)
    throw new Problem('invalidParameter', { P: 'NextToken', rule: 'It must be one of an earlier answer.' })
  return [Number(digits), key]
}

function writePosition(id: number, key: string): string {
  return Buffer.from(`${id}:${key}`).toString('base64url')
}
