import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { CsrTable, Schema } from './schema.ts'

export type NewCsr = Insertable<CsrTable>
export type CsrRow = Selectable<CsrTable>

const listed = [
  'id',
  'name',
  'algorithm',
  'key_size',
  'spki_sha256',
  'common_name',
  'sans',
  'country',
  'province',
  'locality',
  'organization',
  'department',
] as const

/** A CSR without PEM and key. */
export type ListedCsr = Pick<CsrRow, (typeof listed)[number]> & { readonly has_key: boolean }

/** One CSR of the account; undefined for another account's, exactly as for one that does not exist. */
export async function findCsr(read: Kysely<Schema>, accountId: number, csrId: number): Promise<CsrRow | undefined> {
  return await read.selectFrom('csrs').selectAll().where('id', '=', csrId).where('account_id', '=', accountId).executeTakeFirst()
}

/** All CSRs of an account, the latest first: a write keeps them few. */
export async function listCsrs(read: Kysely<Schema>, accountId: number): Promise<ListedCsr[]> {
  const rows = await read
    .selectFrom('csrs')
    .select([...listed, (of) => of.case().when('key_sealed', 'is', null).then(0).else(1).end().as('has_key')])
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({ ...row, has_key: row.has_key === 1 }))
}

/** A CSR of the account that has this key, and whose private key is held. */
export async function findCsrWithKey(
  read: Kysely<Schema>,
  accountId: number,
  spkiSha256: string,
): Promise<Pick<CsrRow, 'id' | 'algorithm' | 'key_size' | 'key_sealed'> | undefined> {
  const [row] = await readCsrWithKey(read, { accountId, spkiSha256 })
  return row
}

const readCsrWithKey = prepareRead((read, { accountId, spkiSha256 }: { accountId: number; spkiSha256: string }) =>
  read
    .selectFrom('csrs')
    .select(['id', 'algorithm', 'key_size', 'key_sealed'])
    .where('account_id', '=', accountId)
    .where('spki_sha256', '=', spkiSha256)
    .where('key_sealed', 'is not', null)
    .orderBy('id')
    .limit(sql.lit(1)),
)
