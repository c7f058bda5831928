import type { Kysely } from 'kysely'
import { findOrderAttributes } from '../storage/orders.ts'
import { listTags } from '../storage/ram-grants.ts'
import type { Schema } from '../storage/schema.ts'
import type { PolicyRequest } from './policy/context.ts'

const ORDER = /:(order|certificate)\/([0-9]{1,16})$/

/**
 * Condition keys that an existing order or certificate answers: its tags, names, product and method. Nothing for what does not exist in the
 * account, or for other resources.
 */
export async function findResourceAttributes(read: Kysely<Schema>, accountId: number, resource: string): Promise<PolicyRequest['context']> {
  const [, type, digits] = ORDER.exec(resource) ?? []
  if (type === undefined || digits === undefined) return {}
  const id = Number(digits)
  if (!Number.isSafeInteger(id)) return {}
  const order = await findOrderAttributes(read, accountId, type === 'order' ? { orderId: id } : { certificateId: id })
  if (order === undefined && type === 'order') return {}
  const tags = [
    ...(order === undefined ? [] : await listTags(read, accountId, 'order', order.id)),
    // A certificate's own tag counts more than its order's.
    ...(type === 'certificate' ? await listTags(read, accountId, 'certificate', id) : []),
  ]
  return {
    ...(order !== undefined && {
      'yundun-cert:Domain': order.domains,
      'yundun-cert:ProductCode': order.productCode,
      'yundun-cert:ValidateType': order.method,
    }),
    ...Object.fromEntries(tags.map(({ key, value }) => [`acs:ResourceTag/${key}`, value])),
  }
}
