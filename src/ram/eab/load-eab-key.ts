import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findEabKey, type NamedEabKeyRow } from '../../storage/eab-keys.ts'

/** A key of the account, also a deleted one. @throws Problem entityNotExist (`EntityNotExist.EabKey`) */
export async function loadEabKey({ db }: Pick<Services, 'db'>, accountId: number, id: string): Promise<NamedEabKeyRow> {
  const row = await findEabKey(db.read, accountId, id)
  if (row === undefined) throw new Problem('entityNotExist', { P: 'EabKey', what: 'external account key' })
  return row
}
