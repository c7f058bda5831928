import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findGroup, type GroupRow } from '../../storage/ram-groups.ts'
import { nameKey } from '../name-key.ts'

/**
 * A group of the account.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Group`)
 */
export async function loadGroup({ db }: Pick<Services, 'db'>, accountId: number, name: string): Promise<GroupRow> {
  const group = await findGroup(db.read, accountId, nameKey(name))
  if (group === undefined) throw new Problem('entityNotExist', { P: 'Group', what: 'group' })
  return group
}
