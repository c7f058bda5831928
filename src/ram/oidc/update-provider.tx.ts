import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface UpdateOidcProviderInput extends RamChange {
  readonly providerId: number
  readonly name: string
  /** The provider as it was read: another change since then is not undone by this one. */
  readonly updatedAt: number
  readonly clientIds: readonly string[]
  readonly fingerprints: readonly string[]
  readonly description: string
  readonly issuanceLimitHours: number
}

/** Changes a provider. Refuses with `moved` if it is no longer as it was read, and with `callerInactive`. */
export const updateOidcProvider = defineWrite({
  async run(tx, input: UpdateOidcProviderInput): Promise<void> {
    const { updatedAt, clientIds, fingerprints, issuanceLimitHours } = input
    const [, updated] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(
        `update oidc_providers set client_ids = ?, fingerprints = ?, description = ?, issuance_limit_hours = ?, updated_at = ?
          where id = ? and account_id = ? and updated_at = ?`,
        [
          JSON.stringify(clientIds),
          JSON.stringify(fingerprints),
          input.description,
          issuanceLimitHours,
          // Each change has an instant of its own: it is the revision too.
          Math.max(input.now, updatedAt + 1),
          input.providerId,
          input.caller.accountId,
          updatedAt,
        ],
      ),
      recordRamChange(tx, input, {
        kind: 'oidcProvider.updated',
        resource: `oidc-provider/${input.name}`,
        detail: { clientIds: clientIds.join(','), fingerprints: fingerprints.join(','), issuanceLimitHours },
      }),
    ])
    if (updated.changes === 0) throw new Problem('moved')
  },
})
