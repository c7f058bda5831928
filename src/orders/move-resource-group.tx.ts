import { Problem } from '../problem.ts'
import { selectActiveCaller } from '../storage/accounts.ts'
import { type AccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite } from '../storage/write.ts'

export interface MoveResourceGroupInput extends AccountChange {
  readonly kind: 'order' | 'certificate'
  readonly id: number
  readonly group: string
}

/** Puts an order with its certificate, or a certificate, into a group. Refuses with `notFoundContent` or `callerInactive`. */
export const moveResourceGroup = defineWrite({
  async run(tx, input: MoveResourceGroupInput): Promise<void> {
    const { kind, id, group, now } = input
    const { accountId } = input.caller
    const active = selectActiveCaller(tx, input.caller)
    const moved =
      kind === 'order'
        ? // A step that is about to issue copies the group to the certificate: the new revision makes it look again.
          tx.run(
            `update orders set resource_group = ?, rev = rev + 1, updated_at = ? where id = ? and account_id = ? and state <> 'deleted'`,
            [group, now, id, accountId],
          )
        : tx.run(`update certificate_cards set resource_group = ? where id = ? and account_id = ? and deleted_at is null`, [
            group,
            id,
            accountId,
          ])
    const followed =
      kind === 'order'
        ? tx.run(
            `update certificate_cards set resource_group = ?
              where account_id = ? and deleted_at is null and id = (select certificate_id from orders where id = ? and account_id = ?)`,
            [group, accountId, id, accountId],
          )
        : undefined
    const recorded = recordAccountChange(tx, input, {
      kind: 'resourceGroup.changed',
      resource: `${kind}/${id}`,
      detail: { resourceGroup: group },
    })
    const [{ rows }, { changes }] = await Promise.all([active, moved, followed, recorded])
    if (rows.length === 0) throw new Problem('callerInactive')
    if (changes === 0) throw new Problem('notFoundContent', { what: 'resource' })
  },
})
