import { Problem } from '../problem.ts'
import { selectRetiredKey } from '../storage/acme-accounts.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface CreateAcmeAccountInput {
  readonly acmeAccountId: number
  /** The tenant. */
  readonly accountId: number
  readonly eabKeyId: string | null
  readonly thumbprint: string
  readonly jwk: string
  /** JSON. */
  readonly contacts: string
  /** JSON; null: no external account binding. */
  readonly binding: string | null
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
}

/**
 * Stores an account of the ACME door and counts it at its external account key. Refuses with `acmeKeyTaken` (the key has an account),
 * `acmeAccountClosed` (an account gave the key up), `acmeBindingFull`, `eabKeyUnusable`, or `callerInactive` (the tenant is suspended, or the
 * user of the key is gone).
 */
export const createAcmeAccount = defineWrite({
  async run(tx, input: CreateAcmeAccountInput): Promise<void> {
    const { accountId, acmeAccountId, eabKeyId, now } = input
    tx.notify('acme')
    const [bound, , retired, tenant] = await Promise.all([
      eabKeyId === null
        ? undefined
        : tx.run(
            `update eab_keys set accounts_bound = accounts_bound + 1
              where id = ? and account_id = ? and status = 'Active' and (expires_at is null or expires_at > ?)`,
            [eabKeyId, accountId, now],
          ),
      tx.insert('acme_accounts', {
        id: acmeAccountId,
        account_id: accountId,
        eab_key_id: eabKeyId,
        thumbprint: input.thumbprint,
        jwk: input.jwk,
        status: 'valid',
        contacts: input.contacts,
        binding: input.binding,
        created_at: now,
        updated_at: now,
      }),
      selectRetiredKey(tx, input.thumbprint),
      tx.run(
        `select 1 from accounts a left join eab_keys e on e.id = ? left join ram_users u on u.id = e.user_id
          where a.id = ? and a.status = 'active' and (e.user_id is null or u.id is not null)`,
        [eabKeyId, accountId],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'acmeAccount.created',
        origin: input.origin,
        resource: `acmeaccount/${acmeAccountId}`,
        detail: { eabKey: eabKeyId, thumbprint: input.thumbprint },
      }),
    ])
    if (retired.rows.length > 0) throw new Problem('acmeAccountClosed', { status: 'over: the key was given up for another one' })
    if (bound !== undefined && bound.changes === 0) throw new Problem('eabKeyUnusable')
    if (tenant.rows.length === 0) throw new Problem('callerInactive')
  },
})
