import type { Services } from '../services.ts'
import { listNewestOfChains, listOrdersOfInstances, listUploads } from '../storage/named-resources.ts'
import type { TaggedKind } from '../storage/tags.ts'
import { parseInstanceName, parseResourceName, parseUploadName } from './wire-names.ts'

/** An order or an uploaded certificate, by the name that a caller used. */
export interface NamedResource {
  readonly name: string
  readonly kind: TaggedKind
  readonly id: number
}

/**
 * What the names stand for, each resource once: `cas-ivauto-…` the order of that instance, `cas-cert-…` the newest order of a chain of renewals,
 * `cas-upload-…` an uploaded certificate.
 *
 * @returns also the names that stand for nothing in the account
 */
export async function findNamedResources(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  names: readonly string[],
): Promise<{ readonly found: readonly NamedResource[]; readonly unknown: readonly string[] }> {
  const [ofInstances, newest, uploads] = await Promise.all([
    listOrdersOfInstances(db.read, accountId, idsOf(names, parseInstanceName)),
    listNewestOfChains(db.read, accountId, idsOf(names, parseResourceName)),
    listUploads(db.read, accountId, idsOf(names, parseUploadName)),
  ])
  const found = new Map<string, NamedResource>()
  const unknown: string[] = []
  for (const name of names) {
    const upload = parseUploadName(name)
    const kind = upload === undefined ? 'order' : 'certificate'
    const id =
      upload === undefined
        ? (ofInstances.get(parseInstanceName(name) ?? 0) ?? newest.get(parseResourceName(name) ?? 0))
        : [upload].find((one) => uploads.has(one))
    if (id === undefined) unknown.push(name)
    else if (!found.has(`${kind}/${id}`)) found.set(`${kind}/${id}`, { name, kind, id })
  }
  return { found: [...found.values()], unknown }
}

function idsOf(names: readonly string[], parse: (name: string) => number | undefined): number[] {
  return names.flatMap((name) => parse(name) ?? [])
}
