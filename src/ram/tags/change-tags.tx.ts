import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import type { TaggedType } from '../../storage/ram-tags.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_TAGS, type RamTag } from './ram-tags.ts'

export interface ChangeTagsInput extends RamChange {
  readonly type: TaggedType
  readonly resources: readonly { readonly id: number; readonly name: string }[]
  /** Put, in place of a tag of the same key. */
  readonly put: readonly RamTag[]
  /** Taken away. */
  readonly remove: readonly string[] | 'all'
}

/** Changes the tags of users, roles or policies. Refuses with `limitExceeded` or `callerInactive`. */
export const changeRamTags = defineWrite({
  async run(tx, input: ChangeTagsInput): Promise<void> {
    const { type, put, remove } = input
    const { accountId } = input.caller
    const begun = beginRamChange(tx, input)
    const removed = input.resources.flatMap(({ id }) =>
      remove === 'all'
        ? [tx.run(`delete from tags where account_id = ? and resource_type = ? and resource_id = ?`, [accountId, type, id])]
        : remove.map((key) =>
            tx.run(`delete from tags where account_id = ? and resource_type = ? and resource_id = ? and key = ?`, [
              accountId,
              type,
              id,
              key,
            ]),
          ),
    )
    const stored = input.resources.flatMap(({ id }) =>
      put.map(({ key, value }) =>
        tx.run(
          `insert into tags (account_id, resource_type, resource_id, key, value) values (?, ?, ?, ?, ?)
           on conflict (account_id, resource_type, resource_id, key) do update set value = excluded.value`,
          [accountId, type, id, key, value],
        ),
      ),
    )
    const counts = input.resources.map(({ id }) =>
      tx.run(`select count(*) as count from tags where account_id = ? and resource_type = ? and resource_id = ?`, [accountId, type, id]),
    )
    const recorded = recordRamChange(tx, input, {
      kind: 'tags.changed',
      resource: input.resources.map(({ name }) => `${type}/${name}`).join(','),
      detail: { put: put.map(({ key }) => key).join(','), removed: remove === 'all' ? '*' : remove.join(',') },
    })
    await Promise.all([begun, ...removed, ...stored, recorded])
    for (const { rows } of await Promise.all(counts)) {
      if (Number(rows[0]?.['count']) > MOST_TAGS) throw new Problem('limitExceeded', { P: 'Tag', limit: `${MOST_TAGS} tags a resource` })
    }
  },
})
