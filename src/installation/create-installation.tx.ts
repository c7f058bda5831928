import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { insertLedgerEntry } from '../storage/ledger.ts'
import { defineWrite } from '../storage/write.ts'

/** Everything that a first start creates. Ids are given; instants in ms. */
export interface CreateInstallationInput {
  readonly now: number
  readonly masterKeyId: string
  readonly keyCheck: string
  readonly emulator: boolean
  readonly accountId: number
  readonly principal: string
  readonly accessKeyId: string
  readonly secretSealed: Uint8Array
  readonly plans: readonly StarterPlan[]
  readonly eventId: number
  readonly root: { readonly id: string; readonly certificate: Uint8Array; readonly crl: Uint8Array; readonly crlNextUpdate: number }
  readonly intermediate: { readonly id: string; readonly certificate: Uint8Array; readonly keySealed: Uint8Array }
  readonly pkiUrl: string | null
}

/** Units of one product that the first account begins with, and the ledger's entry of them. */
export interface StarterPlan {
  readonly id: number
  readonly ledgerEntryId: number
  readonly productCode: string
  readonly units: number
  readonly validUntil: number
}

/** Creates the installation: account, access key, starter plans and CA, in one commit. A second one breaks `installation_pkey`. */
export const createInstallation = defineWrite({
  async run(tx, input: CreateInstallationInput): Promise<void> {
    const { now, accountId, root, intermediate } = input
    await Promise.all([
      tx.insert('installation', {
        id: 1,
        root_account_id: accountId,
        master_key_id: input.masterKeyId,
        key_check: input.keyCheck,
        emulator: input.emulator ? 1 : 0,
        created_at: now,
      }),
      tx.insert('accounts', { id: accountId, name: 'root', status: 'active', created_at: now }),
      tx.insert('access_keys', {
        id: input.accessKeyId,
        account_id: accountId,
        principal: input.principal,
        secret_sealed: input.secretSealed,
        status: 'Active',
        created_at: now,
      }),
      ...input.plans.flatMap((plan) => [
        tx.insert('plans', {
          id: plan.id,
          account_id: accountId,
          product_code: plan.productCode,
          total: plan.units,
          used: 0,
          issued: 0,
          valid_from: now,
          valid_until: plan.validUntil,
          created_at: now,
        }),
        insertLedgerEntry(tx, {
          id: plan.ledgerEntryId,
          planId: plan.id,
          accountId,
          kind: 'grant',
          units: plan.units,
          orderId: null,
          at: now,
        }),
      ]),
      tx.insert('issuers', {
        id: root.id,
        kind: 'root',
        parent_id: null,
        certificate: root.certificate,
        key_sealed: null,
        pki_url: input.pkiUrl,
        created_at: now,
      }),
      tx.insert('issuers', {
        id: intermediate.id,
        kind: 'intermediate',
        parent_id: root.id,
        certificate: intermediate.certificate,
        key_sealed: intermediate.keySealed,
        pki_url: input.pkiUrl,
        created_at: now,
      }),
      tx.insert('crls', {
        issuer_id: root.id,
        shard: 0,
        number: 1,
        this_update: now,
        next_update: root.crlNextUpdate,
        der: root.crl,
        run_at: null,
      }),
      // Without addresses in certificates there is one CRL, due at once. With them each shard opens with its first certificate.
      ...(input.pkiUrl === null
        ? [
            tx.insert('crls', {
              issuer_id: intermediate.id,
              shard: 0,
              number: 0,
              this_update: null,
              next_update: null,
              der: null,
              run_at: now,
            }),
          ]
        : []),
      insertEvent(tx, {
        id: input.eventId,
        accountId,
        at: now,
        kind: 'installation.created',
        origin: SERVICE_ORIGIN,
        resource: `account/${accountId}`,
        detail: { root: root.id, issuer: intermediate.id },
      }),
    ])
  },
})
