import { type AccountChange, beginAccountChange, recordAccountChange } from './account-change.ts'
import type { Tx } from './write.ts'

/** Who changes users, groups, roles or policies of an account, and when. */
export type RamChange = AccountChange

/**
 * Issues what every change of permissions begins with: changes of one account follow each other, caches are told, the caller is active.
 *
 * @returns to be awaited with the rest; throws Problem callerInactive
 */
export async function beginRamChange(tx: Tx, change: RamChange): Promise<void> {
  tx.notify('ram')
  await beginAccountChange(tx, change)
}

export { recordAccountChange as recordRamChange }
