import { Problem } from '../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../storage/accounts.ts'
import { insertAuthorizations, joinAuthorization, type NewAuthorization, selectCountingProof } from '../storage/authorizations.ts'
import { assertTokenStored, type ClientToken, insertClientToken } from '../storage/client-tokens.ts'
import { insertEvent, type Origin } from '../storage/events.ts'
import { selectPayingInstance } from '../storage/instances.ts'
import { insertKeywordLine } from '../storage/keyword-lines.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite, type StatementResult, type Tx } from '../storage/write.ts'
import { orderLine } from './order-line.ts'

/** Everything a new order consists of. Ids are given; instants in ms. */
export interface PlaceOrderInput {
  readonly orderId: number
  readonly instanceId: number
  /** What has to be proven; none for a draft. */
  readonly authorizations: readonly NewAuthorization[]
  /** Units of the plan; 0: a renewal inside the term of the instance, which exists already. */
  readonly units: number
  /** Of an order of the ACME door. */
  readonly acme: AcmePart | null
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
  /** `ready`: all is proven already. */
  readonly state: 'validating' | 'draft' | 'ready'
  readonly runAt: number | null
  readonly validationEndsAt: number
  readonly instanceEndsAt: number
  readonly token: ClientToken | null
}

/** What an order of the ACME door has beside every order. */
export interface AcmePart {
  readonly acmeAccountId: number
  readonly eabKeyId: string | null
  /** Authorizations of the same ACME account that it shares. */
  readonly joined: readonly number[]
  /** JSON. */
  readonly identifiers: string
  /** {@link import('./acme/same-order.ts').hashNames}. */
  readonly namesSha256: string
  /** {@link import('./acme/same-order.ts').hashWish}. */
  readonly wishSha256: string
  /** From then on the certificate is to be valid, ms: a free renewal begins inside the term of its instance. */
  readonly validFrom: number
  /** So many orders its principal may have open, this one among them. */
  readonly mostOpen: number
  /** The instance's renewals are free. */
  readonly freeRenewals: boolean
  readonly profile: string | null
  readonly notBefore: number | null
  readonly notAfter: number | null
  readonly replaces: { readonly ariId: string; readonly certificateId: number } | null
}

/**
 * Reserves units of the plan and creates instance, order and authorizations. The answer of a token is `{ orderId }`.
 * Refuses with `planExhausted` (the plan is empty or has ended), `callerInactive`, `clientTokenTaken`, `csrUsed`, `renewalExists`,
 * and at the ACME door `eabKeySpent`, `alreadyReplaced`, `tooManyOpenOrders`, or `moved` (there is an open order for the same, the instance of a
 * free renewal pays for it no more, or a proof counts no more).
 */
export const placeOrder = defineWrite({
  locks: ({ planId, acme, caller }: PlaceOrderInput) => [
    { table: 'plans' as const, id: planId },
    // Open orders of a principal are counted, and no proof may be given up meanwhile.
    ...(acme === null ? [] : [{ table: 'accounts' as const, id: caller.accountId }]),
  ],
  async run(tx, input: PlaceOrderInput): Promise<void> {
    const { orderId, now, names, units, acme } = input
    const { accountId } = input.caller
    const [domain = ''] = names
    const token = input.token === null ? undefined : insertClientToken(tx, input.token, { orderId })
    const reserved = units === 0 ? undefined : reserveUnits(tx, input)
    const paying =
      units === 0 && acme !== null ? selectPayingInstance(tx, { instanceId: input.instanceId, accountId, at: acme.validFrom }) : undefined
    const open = acme === null ? undefined : countOpenOrders(tx, input)
    const proofs = acme === null ? [] : selectProofs(tx, input.authorizations, acme)
    const caller = selectActiveCaller(tx, input.caller)
    const inserted = [
      ...(units === 0 ? [] : insertInstance(tx, input)),
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
        acme_account_id: acme?.acmeAccountId ?? null,
        wish_sha256: acme?.wishSha256 ?? null,
        units,
      }),
      insertKeywordLine(tx, {
        accountId,
        kind: 'order',
        id: orderId,
        line: orderLine(names, { id: orderId, instance_id: input.instanceId, lineage_id: input.renewal?.lineageId ?? null }),
      }),
      ...insertAuthorizations(tx, {
        ...input,
        accountId,
        method: acme === null ? input.method : null,
        expiresAt: input.validationEndsAt,
        acmeAccountId: acme?.acmeAccountId ?? null,
      }),
      ...(acme === null ? [] : insertAcmePart(tx, input, acme)),
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
          units,
          renews: input.renewal?.orderId ?? null,
        },
      }),
    ]
    // An order of the ACME door waits for its client.
    if (acme === null) tx.notify('due')
    const [stored, reserve, active, pays, others] = await Promise.all([token, reserved, caller, paying, open, ...inserted])
    const counting = await Promise.all(proofs)
    assertTokenStored(stored)
    if (active.rows.length === 0) throw new Problem('callerInactive')
    if (reserve?.changes === 0) throw new Problem('planExhausted')
    if (pays?.rows.length === 0 || counting.some(({ rows }) => rows.length === 0)) throw new Problem('moved')
    if (acme !== null && Number(others?.rows[0]?.['open'] ?? 0) >= acme.mostOpen) {
      throw new Problem('tooManyOpenOrders', { limit: String(acme.mostOpen) })
    }
  },
})

function reserveUnits(tx: Tx, { planId, caller, units, now }: PlaceOrderInput): Promise<StatementResult> {
  return tx.run(`update plans set used = used + ? where id = ? and account_id = ? and valid_until > ?`, [
    units,
    planId,
    caller.accountId,
    now,
  ])
}

/** The proofs that it rests on, shared or taken over. */
function selectProofs(tx: Tx, authorizations: PlaceOrderInput['authorizations'], acme: AcmePart): Promise<StatementResult>[] {
  const ids = [...acme.joined, ...authorizations.flatMap(({ proof }) => (proof === undefined ? [] : [proof.id]))]
  return ids.map((id) => selectCountingProof(tx, id, acme.acmeAccountId))
}

function countOpenOrders(tx: Tx, { caller, origin }: PlaceOrderInput): Promise<StatementResult> {
  return tx.run(
    `select count(*) as open from orders
      where account_id = ? and principal = ? and acme_account_id is not null and state in ('validating', 'ready')`,
    [caller.accountId, origin.principal],
  )
}

function insertInstance(tx: Tx, input: PlaceOrderInput): Promise<StatementResult>[] {
  const { planId, now, units, orderId, caller, acme } = input
  const { accountId } = caller
  return [
    insertLedgerEntry(tx, { id: input.ledgerEntryId, planId, accountId, kind: 'reserve', units, orderId, at: now }),
    tx.insert('instances', {
      id: input.instanceId,
      account_id: accountId,
      plan_id: planId,
      product_code: input.productCode,
      starts_at: now,
      ends_at: input.instanceEndsAt,
      created_at: now,
      names_sha256: acme?.freeRenewals === true ? acme.namesSha256 : null,
    }),
  ]
}

function insertAcmePart(tx: Tx, { orderId, units, caller }: PlaceOrderInput, acme: AcmePart): Promise<StatementResult>[] {
  const spend =
    acme.eabKeyId === null || units === 0
      ? []
      : [
          tx.run(`update eab_keys set units_used = units_used + ? where id = ? and account_id = ?`, [
            units,
            acme.eabKeyId,
            caller.accountId,
          ]),
        ]
  return [
    ...spend,
    tx.insert('acme_orders', {
      order_id: orderId,
      account_id: caller.accountId,
      acme_account_id: acme.acmeAccountId,
      identifiers: acme.identifiers,
      profile: acme.profile,
      not_before: acme.notBefore,
      not_after: acme.notAfter,
      replaces: acme.replaces?.ariId ?? null,
      replaces_certificate_id: acme.replaces?.certificateId ?? null,
      error: null,
    }),
    ...acme.joined.map((authorizationId) => joinAuthorization(tx, orderId, authorizationId)),
  ]
}
