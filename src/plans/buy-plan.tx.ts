import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'

/** Ids are given; instants in ms. */
export interface BuyPlanInput {
  readonly planId: number
  readonly ledgerEntryId: number
  readonly eventId: number
  readonly caller: WritingCaller
  readonly accountId: number
  readonly productCode: string
  readonly units: number
  readonly now: number
  readonly validUntil: number
  readonly origin: Origin
  readonly token: ClientToken | null
}

/** Adds a plan with its grant. The answer of a token is `{ planId }`. Refuses with `callerInactive` or `clientTokenTaken`. */
export const buyPlan = defineWrite({
  async run(tx, input: BuyPlanInput): Promise<void> {
    const { accountId } = input
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, { planId: input.planId })
    const [stored, active] = await Promise.all([
      token,
      selectActiveCaller(tx, input.caller),
      tx.insert('plans', {
        id: input.planId,
        account_id: accountId,
        product_code: input.productCode,
        total: input.units,
        used: 0,
        issued: 0,
        valid_from: input.now,
        valid_until: input.validUntil,
        created_at: input.now,
      }),
      insertLedgerEntry(tx, {
        id: input.ledgerEntryId,
        planId: input.planId,
        accountId,
        kind: 'grant',
        units: input.units,
        orderId: null,
        at: input.now,
      }),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: input.now,
        kind: 'plan.bought',
        origin: input.origin,
        resource: `package/${input.productCode}`,
        detail: { planId: input.planId, units: input.units },
      }),
    ])
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
  },
})
