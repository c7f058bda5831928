import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { type AccountRow, findAccount } from '../../storage/accounts.ts'

/** @throws Problem accountNotExist */
export async function loadAccount({ db }: Pick<Services, 'db'>, accountId: number): Promise<AccountRow> {
  const account = await findAccount(db.read, accountId)
  if (account === undefined) throw new Problem('accountNotExist')
  return account
}
