import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { insertEvent, type NewEvent, type Origin } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'

export interface StartSessionInput {
  /** Null: nobody of ours, an identity provider vouches. */
  readonly caller: WritingCaller | null
  /** The role with the trust policy that was decided by. */
  readonly role: { readonly id: number; readonly accountId: number; readonly name: string; readonly trustDocument: string }
  /** The provider as it was when the token was verified; null without one. */
  readonly provider: { readonly id: number; readonly updatedAt: number } | null
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
  readonly detail: NewEvent['detail']
}

/**
 * Puts the beginning of a session on record, in the account of the role. Refuses with `callerInactive`, and with `serviceUnavailable` where role
 * or provider changed since the decision: the repetition decides by what they are now.
 */
export const startSession = defineWrite({
  async run(tx, { caller, role, provider, origin, eventId, now, detail }: StartSessionInput): Promise<void> {
    const [active, trusting, vouching] = await Promise.all([
      caller === null ? undefined : selectActiveCaller(tx, caller),
      tx.run(
        `select 1 from ram_roles r join accounts a on a.id = r.account_id
          where r.id = ? and r.account_id = ? and r.trust_document = ? and a.status = 'active'`,
        [role.id, role.accountId, role.trustDocument],
      ),
      provider === null
        ? undefined
        : tx.run(`select 1 from oidc_providers where id = ? and account_id = ? and updated_at = ?`, [
            provider.id,
            role.accountId,
            provider.updatedAt,
          ]),
      insertEvent(tx, {
        id: eventId,
        accountId: role.accountId,
        at: now,
        kind: 'session.started',
        origin,
        resource: `role/${role.name}`,
        detail,
      }),
    ])
    if (active?.rows.length === 0) throw new Problem('callerInactive')
    if (trusting.rows.length === 0 || vouching?.rows.length === 0) throw new Problem('serviceUnavailable')
  },
})
