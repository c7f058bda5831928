import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { type CsrRow, findCsr } from '../storage/csrs.ts'

/** A CSR of the account. Throws Problem notFoundContent, also for another account's. */
export async function loadCsr({ db }: Pick<Services, 'db'>, accountId: number, csrId: number): Promise<CsrRow> {
  const row = await findCsr(db.read, accountId, csrId)
  if (row === undefined) throw new Problem('notFoundContent', { what: 'CSR' })
  return row
}
