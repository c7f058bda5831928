import { Problem } from '../../problem.ts'
import { selectActiveCaller, type WritingCaller } from '../../storage/accounts.ts'
import { insertEvent, type Origin } from '../../storage/events.ts'
import { defineWrite } from '../../storage/write.ts'

export interface UpdateAccountInput {
  readonly accountId: number
  /** What is absent stays as the row has it. */
  readonly changes: {
    readonly name?: string | undefined
    readonly status?: 'active' | 'suspended' | undefined
    readonly keyReading?: 'separate' | 'original' | undefined
    readonly setOperators?: boolean | undefined
  }
  readonly eventId: number
  readonly operatorAccountId: number
  readonly now: number
  readonly caller: WritingCaller | null
  readonly origin: Origin
}

/** Changes an account; a suspension stops its keys, users and sessions at once. Refuses with `accountNotExist` or `callerInactive`. */
export const updateAccount = defineWrite({
  async run(tx, input: UpdateAccountInput): Promise<void> {
    const { accountId } = input
    const { name, status, keyReading, setOperators } = input.changes
    tx.notify('ram')
    const active = input.caller === null ? undefined : selectActiveCaller(tx, input.caller)
    const [changed] = await Promise.all([
      tx.run(
        `update accounts
            set name = coalesce(?, name), status = coalesce(?, status),
                key_reading = coalesce(?, key_reading), set_operators = coalesce(?, set_operators)
          where id = ?`,
        [name ?? null, status ?? null, keyReading ?? null, setOperators === undefined ? null : Number(setOperators), accountId],
      ),
      insertEvent(tx, {
        id: input.eventId,
        // What the operator does is in the operator's trail.
        accountId: input.operatorAccountId,
        at: input.now,
        kind: 'account.updated',
        origin: input.origin,
        resource: `account/${accountId}`,
        detail: {
          ...(name !== undefined && { name }),
          ...(status !== undefined && { status }),
          ...(keyReading !== undefined && { keyReading }),
          ...(setOperators !== undefined && { setOperators }),
        },
      }),
    ])
    if ((await active)?.rows.length === 0) throw new Problem('callerInactive')
    if (changed.changes === 0) throw new Problem('accountNotExist')
  },
})
