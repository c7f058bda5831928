import { Problem } from '../../problem.ts'
import { beginRamChange, type RamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import { MOST_VERSIONS } from './policy-limits.ts'

export interface CreatePolicyVersionInput extends RamChange {
  readonly policyId: number
  readonly name: string
  readonly document: string
  readonly documentSha256: string
  readonly setAsDefault: boolean
  /** Makes room, if there is none, by deleting the oldest version that is not in force. */
  readonly rotate: boolean
}

/** Adds a version; numbers are never given twice. Refuses with `entityNotExist`, `limitExceeded` or `callerInactive`. */
export const createPolicyVersion = defineWrite({
  async run(tx, input: CreatePolicyVersionInput): Promise<{ version: number }> {
    const { policyId, now } = input
    const { accountId } = input.caller
    const begun = beginRamChange(tx, input)
    const rotated = input.rotate
      ? tx.run(
          `delete from ram_policy_versions
            where policy_id = ? and (select count(*) from ram_policy_versions where policy_id = ?) >= ?
              and version = (select min(v.version) from ram_policy_versions v join ram_policies p on p.id = v.policy_id
                              where v.policy_id = ? and v.version <> p.default_version)`,
          [policyId, policyId, MOST_VERSIONS, policyId],
        )
      : undefined
    const [updated, , versions, count] = await Promise.all([
      tx.run(
        `update ram_policies set last_version = last_version + 1, updated_at = ?
                ${input.setAsDefault ? ', default_version = last_version + 1' : ''}
          where id = ? and account_id = ?`,
        [now, policyId, accountId],
      ),
      tx.run(
        `insert into ram_policy_versions (policy_id, version, document, created_at)
         select id, last_version, cast(? as text), cast(? as bigint) from ram_policies where id = ? and account_id = ?`,
        [input.document, now, policyId, accountId],
      ),
      tx.run(`select last_version as version from ram_policies where id = ?`, [policyId]),
      tx.run(`select count(*) as count from ram_policy_versions where policy_id = ?`, [policyId]),
      recordRamChange(tx, input, {
        kind: 'policy.versionCreated',
        resource: `policy/${input.name}`,
        detail: { documentSha256: input.documentSha256, setAsDefault: input.setAsDefault, rotate: input.rotate },
      }),
      begun,
      rotated,
    ])
    if (updated.changes === 0) throw new Problem('entityNotExist', { P: 'Policy', what: 'policy' })
    if (Number(count.rows[0]?.['count']) > MOST_VERSIONS) {
      throw new Problem('limitExceeded', { P: 'Policy.Version', limit: `${MOST_VERSIONS} versions` })
    }
    return { version: Number(versions.rows[0]?.['version']) }
  },
})
