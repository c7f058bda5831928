import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'

export interface DeleteOidcProviderInput extends RamChange {
  readonly providerId: number
  readonly name: string
}

/** Deletes a provider. Refuses with `entityNotExist` or `callerInactive`. */
export const deleteOidcProvider = defineWrite({
  async run(tx, input: DeleteOidcProviderInput): Promise<void> {
    const [, deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`delete from oidc_providers where id = ? and account_id = ?`, [input.providerId, input.caller.accountId]),
      recordRamChange(tx, input, { kind: 'oidcProvider.deleted', resource: `oidc-provider/${input.name}` }),
    ])
    if (deleted.changes === 0) throw new Problem('entityNotExist', { P: 'OIDCProvider', what: 'OIDC provider' })
  },
})
