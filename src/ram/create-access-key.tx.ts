import { Problem } from '../problem.ts'
import { insertEvent } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

export interface CreateAccessKeyInput {
  readonly accessKeyId: string
  readonly accountId: number
  readonly principal: string
  readonly secretSealed: Uint8Array
  readonly eventId: number
  readonly now: number
  /** Who makes the key. */
  readonly by: string
}

/** Stores a further access key. Refuses with `tooManyAccessKeys` beyond {@link MOST_ACCESS_KEYS} active ones of a principal. */
export const createAccessKey = defineWrite({
  async run(tx, input: CreateAccessKeyInput): Promise<void> {
    tx.notify('access-keys')
    const [, , active] = await Promise.all([
      // Changes nothing: its lock makes processes count one after the other, each with what the one before it stored.
      tx.run(`update accounts set status = status where id = ?`, [input.accountId]),
      tx.insert('access_keys', {
        id: input.accessKeyId,
        account_id: input.accountId,
        principal: input.principal,
        secret_sealed: input.secretSealed,
        status: 'Active',
        created_at: input.now,
      }),
      tx.run(`select count(*) as count from access_keys where principal = ? and status = 'Active'`, [input.principal]),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'accessKey.created',
        principal: input.by,
        sourceIp: null,
        requestId: null,
        resource: `accessKey/${input.accessKeyId}`,
        detail: { principal: input.principal },
      }),
    ])
    // Counted after the insert, in the same transaction.
    if (Number(active.rows[0]?.['count']) > MOST_ACCESS_KEYS) throw new Problem('tooManyAccessKeys')
  },
})

/** Active access keys of one principal. */
export const MOST_ACCESS_KEYS = 5
