import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertAuthorizations } from '../storage/authorizations.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { insertKeywordLine } from '../storage/keyword-lines.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'
import { orderLine } from './order-line.ts'

/** Everything a new order consists of. Ids are given; instants in ms. */
export interface PlaceOrderInput {
  readonly orderId: number
  readonly instanceId: number
  /** What has to be proven; none for a draft. */
  readonly authorizations: readonly { readonly id: number; readonly identifier: string; readonly token: string }[]
  readonly ledgerEntryId: number
  readonly eventId: number
  readonly planId: number
  readonly caller: WritingCaller
  readonly origin: Origin
  /** The person who applies. */
  readonly appliedBy: string
  readonly productCode: string
  readonly level: 'DV' | 'OV' | 'EV'
  readonly names: readonly string[]
  readonly method: 'DNS' | 'FILE'
  readonly keyAlgorithm: string
  readonly csr: Uint8Array | null
  readonly csrSpkiSha256: string | null
  /** JSON. */
  readonly applicant: string
  /** JSON. */
  readonly organization: string | null
  readonly renewal: { readonly orderId: number; readonly lineageId: number } | null
  readonly resourceGroup: string | null
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly now: number
  readonly state: 'validating' | 'draft'
  readonly runAt: number | null
  readonly validationEndsAt: number
  readonly instanceEndsAt: number
  readonly token: ClientToken | null
}

/**
 * Reserves one unit of the plan and creates instance, order and authorizations. The answer of a token is `{ orderId }`.
 * Refuses with `planExhausted` (the plan is empty or has ended), `callerInactive`, `clientTokenTaken`, `csrUsed` or `renewalExists`.
 */
export const placeOrder = defineWrite({
  locks: (input: PlaceOrderInput) => [{ table: 'plans' as const, id: input.planId }],
  async run(tx, input: PlaceOrderInput): Promise<void> {
    const { orderId, now, names } = input
    const { accountId } = input.caller
    const [domain = ''] = names
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, { orderId })
    const reserved = tx.run(`update plans set used = used + 1 where id = ? and account_id = ? and valid_until > ?`, [
      input.planId,
      accountId,
      now,
    ])
    const caller = selectActiveCaller(tx, input.caller)
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
        state: input.state,
        rev: 0,
        run_at: input.runAt,
        lease_owner: null,
        lease_until: null,
        attempts: 0,
        last_attempt_at: null,
        principal: input.origin.principal,
        applied_by: input.appliedBy,
        level: input.level,
        method: input.method,
        domain,
        key_algorithm: input.keyAlgorithm,
        applicant: input.applicant,
        failure: null,
        validation_ends_at: input.validationEndsAt,
        certificate_id: null,
        created_at: now,
        updated_at: now,
        names: names.length === 1 ? null : JSON.stringify(names),
        csr: input.csr,
        csr_spki_sha256: input.csrSpkiSha256,
        organization: input.organization,
        renews_order_id: input.renewal?.orderId ?? null,
        lineage_id: input.renewal?.lineageId ?? null,
        resource_group: input.resourceGroup,
      }),
      insertKeywordLine(tx, {
        accountId,
        kind: 'order',
        id: orderId,
        line: orderLine(names, { id: orderId, instance_id: input.instanceId, lineage_id: input.renewal?.lineageId ?? null }),
      }),
      ...insertAuthorizations(tx, { ...input, accountId, expiresAt: input.validationEndsAt }),
      ...input.tags.map(({ key, value }) =>
        tx.insert('tags', { account_id: accountId, resource_type: 'order', resource_id: orderId, key, value }),
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'order.placed',
        origin: input.origin,
        resource: `order/${orderId}`,
        detail: {
          productCode: input.productCode,
          domain: names.join(','),
          method: input.method,
          planId: input.planId,
          renews: input.renewal?.orderId ?? null,
        },
      }),
    ]
    tx.notify('due')
    const [stored, reserve, active] = await Promise.all([token, reserved, caller, ...inserted])
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
    if (reserve.changes === 0) throw new Problem('planExhausted')
  },
})
