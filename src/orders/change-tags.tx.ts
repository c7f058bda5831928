import { Problem } from '../problem.ts'
import { type AccountChange, beginAccountChange, recordAccountChange } from '../storage/account-change.ts'
import { defineWrite, type SqlValue, type StatementResult, type Tx } from '../storage/write.ts'

export interface ChangeTagsInput extends AccountChange {
  readonly resources: readonly { readonly kind: 'order' | 'certificate'; readonly id: number }[]
  /** Put, in place of a tag of the same key. */
  readonly put: readonly { readonly key: string; readonly value: string }[]
  readonly remove: readonly string[] | 'all'
  /** Tags that a resource may have. */
  readonly most: number
}

/** Changes the tags of orders and uploaded certificates. Refuses with `notFoundContent`, `limitExceeded` or `callerInactive`. */
export const changeTags = defineWrite({
  async run(tx, input: ChangeTagsInput): Promise<void> {
    const { resources, put, remove, most } = input
    const { accountId } = input.caller
    // Two changes of one resource follow each other: the second counts what the first one stored.
    const begun = beginAccountChange(tx, input)
    const removed = resources.flatMap((one) => takeTags(tx, accountId, one, remove))
    const stored = put.length === 0 ? [] : resources.map((one) => putTags(tx, accountId, one, put))
    const kept = resources.map(({ kind, id }) => tx.run(IS_KEPT[kind], [id, accountId]))
    const counts = resources.map(({ kind, id }) =>
      tx.run(`select count(*) as count from tags where account_id = ? and resource_type = ? and resource_id = ?`, [accountId, kind, id]),
    )
    const recorded = recordAccountChange(tx, input, {
      kind: 'tags.changed',
      resource: resources.map(({ kind, id }) => `${kind}/${id}`).join(','),
      detail: { put: put.map(({ key }) => key).join(','), removed: remove === 'all' ? '*' : remove.join(',') },
    })
    const [existing, counted] = await Promise.all([Promise.all(kept), Promise.all(counts), begun, ...removed, ...stored, recorded])
    if (existing.some(({ rows }) => rows.length === 0)) throw new Problem('notFoundContent', { what: 'resource' })
    for (const { rows } of counted) {
      if (Number(rows[0]?.['count']) > most) throw new Problem('limitExceeded', { P: 'Tag', limit: `${most} tags a resource` })
    }
  },
})

const IS_KEPT = {
  order: `select 1 from orders where id = ? and account_id = ? and state <> 'deleted'`,
  certificate: `select 1 from certificate_cards where id = ? and account_id = ? and deleted_at is null`,
} as const

type Resource = ChangeTagsInput['resources'][number]

function takeTags(tx: Tx, accountId: number, { kind, id }: Resource, keys: ChangeTagsInput['remove']): Promise<StatementResult>[] {
  const all = `delete from tags where account_id = ? and resource_type = ? and resource_id = ?`
  if (keys === 'all') return [tx.run(all, [accountId, kind, id])]
  if (keys.length === 0) return []
  return [tx.run(`${all} and key in (${keys.map(() => '?').join(', ')})`, [accountId, kind, id, ...keys])]
}

function putTags(tx: Tx, accountId: number, { kind, id }: Resource, tags: ChangeTagsInput['put']): Promise<StatementResult> {
  return tx.run(
    `insert into tags (account_id, resource_type, resource_id, key, value) values ${tags.map(() => '(?, ?, ?, ?, ?)').join(', ')}
     on conflict (account_id, resource_type, resource_id, key) do update set value = excluded.value`,
    tags.flatMap(({ key, value }): SqlValue[] => [accountId, kind, id, key, value]),
  )
}
