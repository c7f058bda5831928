import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { counterpartOf } from '../../storage/authorizations.ts'
import { insertEvent, type Origin } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'

export interface StartChallengeInput {
  readonly authorizationId: number
  readonly acmeAccountId: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly method: string
  readonly thumbprint: string
  readonly now: number
  readonly runAt: number
}

/** Chooses the challenge of a pending authorization. Refuses with `callerInactive`, or `moved` if one was chosen meanwhile: that one stays. */
export const startChallenge = defineWrite({
  async run(tx, input: StartChallengeInput): Promise<void> {
    const [caller, started] = await Promise.all([
      selectActiveCaller(tx, input.caller),
      tx.run(
        `update authorizations set state = 'processing', method = ?, thumbprint = ?, run_at = ?
         where id = ? and acme_account_id = ? and state = 'pending' and expires_at > ?`,
        [input.method, input.thumbprint, input.runAt, input.authorizationId, input.acmeAccountId, input.now],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.caller.accountId,
        at: input.now,
        kind: 'challenge.started',
        origin: input.origin,
        resource: `authorization/${input.authorizationId}`,
        detail: { method: input.method },
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (started.changes === 0) throw new Problem('moved')
  },
})

export interface DeactivateAuthorizationInput {
  readonly authorizationId: number
  readonly acmeAccountId: number
  readonly caller: WritingCaller
  readonly origin: Origin
  readonly eventId: number
  readonly now: number
}

/**
 * The authorization, and those of its ACME account that rest on the same proof: one that was taken over keeps method and instant. They are
 * what an account gives up together, or the copy would go on counting.
 */
const SAME_PROOF = `
  select id from authorizations where id = ? union all
  select c.id from authorizations p join authorizations c
    on c.account_id = p.account_id and c.identifier in (p.identifier, ${counterpartOf('p.identifier')}) and c.method = p.method
   where p.id = ? and c.acme_account_id = p.acme_account_id and c.validated_at = p.validated_at`

/**
 * Ends an authorization for good, and with it its proof for this ACME account. Open orders that need it are due to end, and none is issued
 * that is being signed. Refuses with `callerInactive`, or `moved` if it has ended already.
 */
export const deactivateAuthorization = defineWrite({
  // An order that is just being placed on the proof comes before or after.
  locks: ({ caller }: DeactivateAuthorizationInput) => [{ table: 'accounts' as const, id: caller.accountId }],
  async run(tx, input: DeactivateAuthorizationInput): Promise<void> {
    tx.notify('due')
    const [caller, ended] = await Promise.all([
      selectActiveCaller(tx, input.caller),
      tx.run(
        `update authorizations set state = 'deactivated', run_at = null
         where id in (${SAME_PROOF}) and acme_account_id = ? and state in ('pending', 'processing', 'valid')`,
        [input.authorizationId, input.authorizationId, input.acmeAccountId],
      ),
      tx.run(
        `update orders set rev = rev + 1, run_at = ? where state in ('validating', 'ready')
           and id in (select order_id from order_authorizations where authorization_id in (${SAME_PROOF}))`,
        [input.now, input.authorizationId, input.authorizationId],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.caller.accountId,
        at: input.now,
        kind: 'authorization.deactivated',
        origin: input.origin,
        resource: `authorization/${input.authorizationId}`,
        detail: {},
      }),
    ])
    if (caller.rows.length === 0) throw new Problem('callerInactive')
    if (ended.changes === 0) throw new Problem('moved')
  },
})
