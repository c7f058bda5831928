import type { Application } from './book.ts'
import { read, type Surroundings } from './client-steps.ts'

/** Every third tag is taken away. */
const UNTAG_EVERY = 3

/** Puts a tag, or a resource group, on one of the latest orders, or takes the tag away. One at a time: the last one is the one that counts. */
export async function markNext({ client, book }: Surroundings): Promise<void> {
  const application = book.applications.findLast(({ aim, orderId }) => aim === 'issue' && orderId !== undefined)
  if (application === undefined) return
  const { tag, group } = application.marks
  const kind = tag.count <= group.count ? 'tag' : 'group'
  const mark = application.marks[kind]
  mark.count += 1
  const value = kind === 'tag' && mark.count % UNTAG_EVERY === 0 ? null : `rg-${mark.count}`
  mark.asked.push(value)
  const { action, input } = toCall(application, kind, value)
  const answer = await client.call(action, input)
  read(book, action, answer)
  if (answer.status === 200) Object.assign(mark, { asked: [], acknowledged: value })
}

/** No value: the tag is taken away. */
function toCall({ orderId }: Application, kind: 'tag' | 'group', value: string | null): { action: string; input: Record<string, string> } {
  const [name, ResourceType] = [`cas-cert-${orderId}`, 'instance']
  if (value === null) return { action: 'UntagResources', input: { ResourceType, 'ResourceId.1': name, 'TagKey.1': 'k' } }
  return kind === 'tag'
    ? { action: 'TagResources', input: { ResourceType, 'ResourceId.1': name, 'Tag.1.Key': 'k', 'Tag.1.Value': value } }
    : { action: 'MoveResourceGroup', input: { ResourceType, ResourceId: name, ResourceGroupId: value } }
}
