import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Schema, UploadedCertificateTable } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

export type NewUploadedCertificate = Insertable<UploadedCertificateTable>
export type UploadedCertificateRow = Selectable<UploadedCertificateTable>

/** Issues the statement that stores the content of an uploaded certificate; its card comes first. */
export function insertUploadedCertificate(tx: Tx, row: NewUploadedCertificate): Promise<StatementResult> {
  return tx.insert('uploaded_certificates', row)
}

/** Issues the statement that gives a row if the account has `most` uploaded certificates or more. */
export function selectUploadBeyond(tx: Tx, accountId: number, most: number): Promise<StatementResult> {
  return tx.run(
    `select id from certificate_cards where account_id = ? and source = 'upload' and deleted_at is null order by id limit 1 offset ?`,
    [accountId, most - 1],
  )
}

/** The content of an uploaded certificate of the account. */
export async function findUploadedCertificate(
  read: Kysely<Schema>,
  accountId: number,
  certificateId: number,
): Promise<UploadedCertificateRow | undefined> {
  return await read
    .selectFrom('uploaded_certificates')
    .selectAll()
    .where('id', '=', certificateId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
}
