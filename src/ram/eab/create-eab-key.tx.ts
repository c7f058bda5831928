import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import type { EabKey } from './eab-key.ts'

export interface CreateEabKeyInput extends RamChange, Pick<EabKey, 'products' | 'domains' | 'tags'> {
  readonly keyId: string
  readonly name: string
  /** Null: the account itself. */
  readonly userId: number | null
  readonly userName: string | null
  readonly macSealed: Uint8Array
  readonly unitLimit: number | null
  readonly accountLimit: number | null
  readonly expiresAt: number | null
}

/** Keys of one account that are not deleted. */
export const MOST_EAB_KEYS = 1_000

/** Stores an external account key. Refuses with `entityNotExist` (the user is gone), `limitExceeded` or `callerInactive`. */
export const createEabKey = defineWrite({
  async run(tx, input: CreateEabKeyInput): Promise<void> {
    const { userId, now } = input
    const { accountId } = input.caller
    const [, user, , keys] = await Promise.all([
      beginRamChange(tx, input),
      userId === null ? undefined : tx.run(`select 1 from ram_users where id = ? and account_id = ?`, [userId, accountId]),
      tx.insert('eab_keys', {
        id: input.keyId,
        account_id: accountId,
        name: input.name,
        user_id: userId,
        mac_sealed: input.macSealed,
        status: 'Active',
        products: JSON.stringify(input.products),
        domains: input.domains === null ? null : JSON.stringify(input.domains),
        tags: JSON.stringify(input.tags),
        unit_limit: input.unitLimit,
        units_used: 0,
        account_limit: input.accountLimit,
        accounts_bound: 0,
        expires_at: input.expiresAt,
        created_at: now,
        updated_at: now,
      }),
      tx.run(`select count(*) as count from eab_keys where account_id = ? and status <> 'Deleted'`, [accountId]),
      recordRamChange(tx, input, {
        kind: 'eabKey.created',
        resource: `eabkey/${input.keyId}`,
        detail: {
          ...(input.userName !== null && { user: input.userName }),
          products: input.products.join(','),
          domains: input.domains?.join(',') ?? '*',
          unitLimit: input.unitLimit,
          accountLimit: input.accountLimit,
          expiresAt: input.expiresAt,
        },
      }),
    ])
    if (user?.rows.length === 0) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
    if (Number(keys.rows[0]?.['count']) > MOST_EAB_KEYS) throw new Problem('limitExceeded', { P: 'EabKey', limit: String(MOST_EAB_KEYS) })
  },
})
