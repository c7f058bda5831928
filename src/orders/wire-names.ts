import type { OrderRow } from '../storage/orders.ts'

/** `InstanceId` on the wire: the bought slot of an order. */
export function instanceName({ instance_id: id }: Pick<OrderRow, 'instance_id'>): string {
  return `cas-ivauto-${id}`
}

/** The id of an instance by its wire name; undefined for any other text. */
export function parseInstanceName(text: string): number | undefined {
  return parseSuffix(text, 'cas-ivauto-')
}

/** `ResourceId` on the wire: the same for an order, its certificate and all that renew it. */
export function resourceNameOf({ id, lineage_id: lineageId }: Pick<OrderRow, 'id' | 'lineage_id'>): string {
  return `cas-cert-${lineageId ?? id}`
}

/** The first order of the chain that a `ResourceId` names; undefined for any other text. */
export function parseResourceName(text: string): number | undefined {
  return parseSuffix(text, 'cas-cert-')
}

/** `ResourceId` and `InstanceId` of an uploaded certificate. */
export function uploadName(certificateId: number): string {
  return `cas-upload-${certificateId}`
}

/** The id of an uploaded certificate by its wire name; undefined for any other text. */
export function parseUploadName(text: string): number | undefined {
  return parseSuffix(text, 'cas-upload-')
}

/** `InstanceId` of a bought plan. */
export function packageName(planId: number): string {
  return `cas-package-${planId}`
}

function parseSuffix(text: string, prefix: string): number | undefined {
  const digits = text.startsWith(prefix) ? text.slice(prefix.length) : ''
  return /^[1-9][0-9]{0,15}$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : undefined
}
