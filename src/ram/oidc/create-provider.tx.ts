import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_PROVIDERS } from './provider-terms.ts'

export interface CreateOidcProviderInput extends RamChange {
  readonly providerId: number
  readonly name: string
  readonly nameKey: string
  readonly issuerUrl: string
  readonly clientIds: readonly string[]
  readonly fingerprints: readonly string[]
  readonly description: string
  readonly issuanceLimitHours: number
}

/** Stores a provider. Refuses with `oidcProviderExists`, `oidcIssuerExists`, `limitExceeded` or `callerInactive`. */
export const createOidcProvider = defineWrite({
  async run(tx, input: CreateOidcProviderInput): Promise<void> {
    const { now, issuerUrl } = input
    const { accountId } = input.caller
    const [, , count, sameIssuer] = await Promise.all([
      beginRamChange(tx, input),
      tx.insert('oidc_providers', {
        id: input.providerId,
        account_id: accountId,
        name: input.name,
        name_key: input.nameKey,
        issuer_url: issuerUrl,
        client_ids: JSON.stringify(input.clientIds),
        fingerprints: JSON.stringify(input.fingerprints),
        description: input.description,
        issuance_limit_hours: input.issuanceLimitHours,
        created_at: now,
        updated_at: now,
      }),
      tx.run(`select count(*) as count from oidc_providers where account_id = ?`, [accountId]),
      tx.run(`select count(*) as count from oidc_providers where account_id = ? and issuer_url = ?`, [accountId, issuerUrl]),
      recordRamChange(tx, input, {
        kind: 'oidcProvider.created',
        resource: `oidc-provider/${input.name}`,
        detail: { issuer: issuerUrl, clientIds: input.clientIds.join(','), issuanceLimitHours: input.issuanceLimitHours },
      }),
    ])
    if (Number(sameIssuer.rows[0]?.['count']) > 1) throw new Problem('oidcIssuerExists')
    if (Number(count.rows[0]?.['count']) > MOST_PROVIDERS) {
      throw new Problem('limitExceeded', { P: 'OIDCProvider', limit: String(MOST_PROVIDERS) })
    }
  },
})
