import type { Caller } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { EabKeyRow, OwnedEabKeyRow } from '../../storage/eab-keys.ts'
import { rootPrincipal, userPrincipal } from '../principals.ts'
import { fitsPattern } from './domain-pattern.ts'

/** An external account key (RFC 8555 section 7.3.4), as the rules of orders look at it. */
export interface EabKey {
  readonly id: string
  readonly accountId: number
  /** Whose permissions count; null: the account's own. */
  readonly user: { readonly id: number; readonly name: string } | null
  /** Codes; the first one is the default. */
  readonly products: readonly string[]
  /** Names, or `*.x`; null: any. */
  readonly domains: readonly string[] | null
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** @throws Problem eabKeyUnusable if its user is gone */
export function toEabKey(row: OwnedEabKeyRow): EabKey {
  if (row.user_id !== null && row.user_name === null) throw new Problem('eabKeyUnusable')
  return {
    id: row.id,
    accountId: row.account_id,
    user: row.user_id === null ? null : { id: row.user_id, name: row.user_name ?? '' },
    products: readList(row.products),
    domains: row.domains === null ? null : readList(row.domains),
    tags: readTags(row.tags),
  }
}

/** Whether orders may be placed and accounts bound with it. */
export function isUsable({ status, expires_at }: Pick<EabKeyRow, 'status' | 'expires_at'>, now: number): boolean {
  return status === 'Active' && (expires_at === null || expires_at > now)
}

/** Who calls by an ACME account that is bound to the key: the key can do no more than its user may. */
export function callerOfEabKey({ accountId, user }: Pick<EabKey, 'accountId' | 'user'>, acmeAccountId: number): Caller {
  return user === null
    ? { accountId, principal: rootPrincipal(accountId), accessKeyId: '', identity: { kind: 'account' }, acmeAccountId }
    : {
        accountId,
        principal: userPrincipal(accountId, user.name),
        accessKeyId: '',
        identity: { kind: 'user', userId: user.id, userName: user.name },
        acmeAccountId,
      }
}

/** @throws Problem invalidProfile if the key is not for the product */
export function assertAllowsProduct({ products }: Pick<EabKey, 'products'>, code: string): void {
  if (!products.includes(code)) throw new Problem('invalidProfile', { rule: 'The external account key does not allow it.' })
}

/**
 * Holds names against those that the key is for: {@link fitsPattern}.
 *
 * @throws Problem rejectedIdentifier
 */
export function assertFitsEabKey({ domains }: Pick<EabKey, 'domains'>, names: readonly string[]): void {
  if (domains === null) return
  const outside = names.find((name) => !domains.some((pattern) => fitsPattern(name, pattern)))
  if (outside !== undefined) throw new Problem('rejectedIdentifier', { rule: `The external account key is not for ${outside}.` })
}

// Stored by the service itself.
export function readList(json: string): readonly string[] {
  return JSON.parse(json) as string[]
}

export function readTags(json: string): EabKey['tags'] {
  return JSON.parse(json) as EabKey['tags']
}
