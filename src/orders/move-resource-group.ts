import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { findCertificateCard } from '../storage/named-resources.ts'
import { findNamedResources } from './named-resources.ts'

/** What goes into which group, in the caller's words. */
export interface GroupMove {
  /** RAM action. */
  readonly action: string
  readonly type: 'instance' | 'Certificate'
  /** `cas-ivauto-…`, `cas-cert-…`, `cas-upload-…`; of a certificate also its id, or that with the region behind it. */
  readonly name: string
  readonly group: string
}

/**
 * Puts an order with its certificate, or a certificate alone, into a resource group. Groups are names and need no making.
 *
 * @throws Problem noPermission, notFoundContent, callerInactive
 */
export async function moveResourceGroup(
  services: Pick<Services, 'db' | 'clock' | 'access'>,
  context: RequestContext,
  { action, type, name, group }: GroupMove,
): Promise<void> {
  const { db, access, clock } = services
  const { accountId } = context.caller
  const resource = type === 'instance' ? await findInstance(services, accountId, name) : await findCertificate(services, accountId, name)
  await access.assertAllowed(context, {
    action,
    resources: [resource === undefined ? `instance/${name}` : `${resource.kind}/${resource.id}`],
  })
  if (resource === undefined) throw new Problem('notFoundContent', { what: 'resource' })
  await db.write.moveResourceGroup({
    caller: context.caller,
    origin: originOf(context),
    eventId: await db.nextId('events'),
    now: clock(),
    kind: resource.kind,
    id: resource.id,
    group,
  })
}

type Found = { readonly kind: 'order' | 'certificate'; readonly id: number } | undefined

async function findInstance(services: Pick<Services, 'db'>, accountId: number, name: string): Promise<Found> {
  const { found } = await findNamedResources(services, accountId, [name])
  return found[0]
}

async function findCertificate(services: Pick<Services, 'db'>, accountId: number, name: string): Promise<Found> {
  const [, digits] = /^([1-9][0-9]{0,15})(?:-cn-hangzhou|-ap-southeast-1)?$/.exec(name) ?? []
  const named = digits === undefined ? await findInstance(services, accountId, name) : undefined
  if (named?.kind === 'certificate') return named
  const by = digits === undefined ? (named === undefined ? undefined : { orderId: named.id }) : { certificateId: Number(digits) }
  if (by === undefined || ('certificateId' in by && !Number.isSafeInteger(by.certificateId))) return undefined
  const id = await findCertificateCard(services.db.read, accountId, by)
  return id === undefined ? undefined : { kind: 'certificate', id }
}
