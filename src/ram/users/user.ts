import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findUser, type UserRow } from '../../storage/ram-users.ts'
import { nameKey } from '../name-key.ts'

/**
 * A user of the account.
 *
 * @throws Problem entityNotExist (`EntityNotExist.User`)
 */
export async function loadUser({ db }: Pick<Services, 'db'>, accountId: number, name: string): Promise<UserRow> {
  const user = await findUser(db.read, accountId, nameKey(name))
  if (user === undefined) throw new Problem('entityNotExist', { P: 'User', what: 'user' })
  return user
}
