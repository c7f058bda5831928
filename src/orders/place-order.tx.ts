import { Problem } from '../problem.ts'
import { selectActiveCaller } from '../storage/accounts.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent } from '../storage/events.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'

/** Everything a new order consists of. Ids are given; instants in ms. */
export interface PlaceOrderInput {
  readonly orderId: number
  readonly instanceId: number
  readonly authorizationId: number
  readonly ledgerEntryId: number
  readonly eventId: number
  readonly planId: number
  readonly accountId: number
  readonly accessKeyId: string
  readonly principal: string
  readonly productCode: string
  readonly domain: string
  readonly method: 'DNS' | 'FILE'
  readonly validationToken: string
  readonly keyAlgorithm: string
  /** JSON. */
  readonly applicant: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly now: number
  readonly runAt: number
  readonly validationEndsAt: number
  readonly instanceEndsAt: number
  readonly sourceIp: string
  readonly requestId: string
  readonly token: ClientToken | null
}

/**
 * Reserves one unit of the plan and creates instance, order and authorization. The answer of a token is `{ orderId }`.
 * Refuses with `planExhausted` (the plan is empty or has ended), `callerInactive` or `clientTokenTaken`.
 */
export const placeOrder = defineWrite({
  locks: (input: PlaceOrderInput) => [{ table: 'plans' as const, id: input.planId }],
  async run(tx, input: PlaceOrderInput): Promise<void> {
    const { orderId, accountId, now } = input
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, { orderId })
    const reserved = tx.run(`update plans set used = used + 1 where id = ? and account_id = ? and valid_until > ?`, [
      input.planId,
      accountId,
      now,
    ])
    const caller = selectActiveCaller(tx, input)
    const inserted = [
      insertLedgerEntry(tx, { id: input.ledgerEntryId, planId: input.planId, accountId, kind: 'reserve', units: 1, orderId, at: now }),
      tx.insert('instances', {
        id: input.instanceId,
        account_id: accountId,
        plan_id: input.planId,
        product_code: input.productCode,
        starts_at: now,
        ends_at: input.instanceEndsAt,
        created_at: now,
      }),
      tx.insert('orders', {
        id: orderId,
        account_id: accountId,
        instance_id: input.instanceId,
        product_code: input.productCode,
        state: 'validating',
        rev: 0,
        run_at: input.runAt,
        lease_owner: null,
        lease_until: null,
        attempts: 0,
        last_attempt_at: null,
        principal: input.principal,
        method: input.method,
        domain: input.domain,
        key_algorithm: input.keyAlgorithm,
        applicant: input.applicant,
        failure: null,
        validation_ends_at: input.validationEndsAt,
        certificate_id: null,
        created_at: now,
        updated_at: now,
      }),
      tx.insert('authorizations', {
        id: input.authorizationId,
        account_id: accountId,
        identifier: input.domain,
        method: input.method,
        token: input.validationToken,
        created_at: now,
        expires_at: input.validationEndsAt,
        validated_at: null,
        evidence: null,
      }),
      tx.insert('order_authorizations', { order_id: orderId, authorization_id: input.authorizationId }),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'order', resource_id: orderId, key, value }),
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.placed',
        principal: input.principal,
        sourceIp: input.sourceIp,
        requestId: input.requestId,
        resource: `order/${orderId}`,
        detail: { productCode: input.productCode, domain: input.domain, method: input.method, planId: input.planId },
      }),
    ]
    tx.notify('due')
    const [stored, reserve, active] = await Promise.all([token, reserved, caller, ...inserted])
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
    if (reserve.changes === 0) throw new Problem('planExhausted')
  },
})
