import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { listInstancesOfOrders } from '../storage/named-resources.ts'
import { listResourceTags, type ResourceTag, type TaggedKind } from '../storage/tags.ts'
import { findPermitted } from './permitted-resources.ts'
import { instanceName, uploadName } from './wire-names.ts'

/** One tag as lists show it. */
export interface ListedTag {
  /** As the caller named the resource; else the name of its instance. */
  readonly name: string
  readonly key: string
  readonly value: string
}

export interface TagQuestion {
  /** RAM action. */
  readonly action: string
  readonly names: readonly string[]
  /** Only these tags, of resources that have them all; without a value: whatever the value. */
  readonly having: readonly { readonly key: string; readonly value: string | undefined }[]
  /** Of an earlier answer. */
  readonly position: string | undefined
  readonly limit: number
}

/** Resources in the order of lists. */
const kinds: readonly TaggedKind[] = ['certificate', 'order']

interface Position {
  readonly kind: TaggedKind
  readonly id: number
  readonly key: string
}

/**
 * A page of tags of orders and uploaded certificates, by resource and key.
 *
 * @throws Problem invalidParameter, noPermission, notFoundContent
 */
export async function listTags(
  services: Pick<Services, 'db' | 'access'>,
  context: RequestContext,
  question: TagQuestion,
): Promise<{ readonly tags: readonly ListedTag[]; readonly position: string | undefined }> {
  const { names, having, limit } = question
  const { accountId } = context.caller
  const after = readPosition(question.position)
  const asked = await findPermitted(services, context, question)
  const tags: ResourceTag[] = []
  for (const kind of kinds.slice(kinds.indexOf(after.kind))) {
    if (tags.length > limit) break
    const [afterId, afterKey] = kind === after.kind ? [after.id, after.key] : [0, '']
    const ids = names.length === 0 ? undefined : asked.filter((one) => one.kind === kind).map(({ id }) => id)
    const room = limit + 1 - tags.length
    tags.push(...(await listResourceTags(services.db.read, accountId, { kind, ids, having, afterId, afterKey, limit: room })))
  }
  const page = tags.slice(0, limit)
  const last = page.at(-1)
  const nameOf = await findNames(services, accountId, asked, page)
  return {
    tags: page.map((tag) => ({ name: nameOf(tag), key: tag.key, value: tag.value })),
    position: last === undefined || tags.length <= limit ? undefined : writePosition(last),
  }
}

async function findNames(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  asked: readonly { readonly kind: TaggedKind; readonly id: number; readonly name: string }[],
  page: readonly ResourceTag[],
): Promise<(tag: ResourceTag) => string> {
  const given = new Map(asked.map(({ kind, id, name }) => [`${kind}/${id}`, name]))
  const orderIds = asked.length > 0 ? [] : page.filter(({ kind }) => kind === 'order').map(({ id }) => id)
  const instances = await listInstancesOfOrders(db.read, accountId, [...new Set(orderIds)])
  return ({ kind, id }) =>
    given.get(`${kind}/${id}`) ?? (kind === 'order' ? instanceName({ instance_id: instances.get(id) ?? 0 }) : uploadName(id))
}

function readPosition(text: string | undefined): Position {
  if (text === undefined) return { kind: 'certificate', id: 0, key: '' }
  const [, kind, digits, key] = /^(certificate|order):([0-9]{1,16}):(.+)$/s.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
  if (kind === undefined || digits === undefined || key === undefined || !Number.isSafeInteger(Number(digits))) {
    throw new Problem('invalidParameter', { P: 'NextToken', rule: 'It must be one of an earlier answer.' })
  }
  return { kind: kind === 'order' ? 'order' : 'certificate', id: Number(digits), key }
}

function writePosition({ kind, id, key }: Position): string {
  return Buffer.from(`${kind}:${id}:${key}`).toString('base64url')
}
