import { z } from 'zod'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import type { AccountRow } from '../../storage/accounts.ts'
import { parseAccountName } from './account-name.ts'
import { loadAccount } from './load-account.ts'
import type { OperatorAct } from './operator.ts'

/** What changes of an account; undefined leaves it as it is. */
export const accountChanges = z.strictObject({
  name: z.string().optional(),
  status: z.enum(['active', 'suspended']).optional(),
  keyReading: z.enum(['separate', 'original']).optional(),
  setOperators: z.boolean().optional(),
})

export type AccountChanges = Readonly<z.output<typeof accountChanges>>

/**
 * Changes an account. Orders of a suspended one that are under way go on; nobody can call for it.
 *
 * @throws Problem accountNotExist, operatorAccount (it cannot be suspended), invalidParameter, callerInactive
 */
export async function updateAccount(
  services: Pick<Services, 'db' | 'clock' | 'operatorAccountId'>,
  act: OperatorAct,
  accountId: number,
  changes: AccountChanges,
): Promise<AccountRow> {
  const { db, clock } = services
  if (changes.status === 'suspended' && accountId === services.operatorAccountId) throw new Problem('operatorAccount')
  await db.write.updateAccount({
    accountId,
    // Only what was asked for: a value read before the write would undo a suspension that came between.
    changes: { ...changes, ...(changes.name !== undefined && { name: parseAccountName(changes.name) }) },
    eventId: await db.nextId('events'),
    operatorAccountId: services.operatorAccountId,
    now: clock(),
    ...act,
  })
  return await loadAccount(services, accountId)
}
