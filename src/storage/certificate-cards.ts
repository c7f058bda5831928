import type { Insertable, Kysely, Selectable } from 'kysely'
import { joinLine } from './keyword-lines.ts'
import type { CertificateCardTable, Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

export type NewCertificateCard = Insertable<CertificateCardTable>
export type CertificateCardRow = Selectable<CertificateCardTable>

/** Issues the statement that shows a certificate in lists. A name in use breaks `certificate_cards_name`. */
export function insertCertificateCard(tx: Tx, card: NewCertificateCard): Promise<StatementResult> {
  return tx.insert('certificate_cards', card)
}

/** A certificate of the account that is not deleted. */
export async function findCertificateCard(
  read: Kysely<Schema>,
  accountId: number,
  certificateId: number,
): Promise<CertificateCardRow | undefined> {
  return await read
    .selectFrom('certificate_cards')
    .selectAll()
    .where('id', '=', certificateId)
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** The newest certificate under a `ResourceId`, which is the same for all that renew each other. */
export async function findNewestCard(read: Kysely<Schema>, accountId: number, resource: string): Promise<CertificateCardRow | undefined> {
  return await read
    .selectFrom('certificate_cards')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('resource', '=', resource)
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The text in which keywords of a certificate are looked for: its domain names, name and ids. */
export function certificateLine(card: Pick<CertificateCardRow, 'sans' | 'common_name' | 'name_key' | 'instance' | 'resource'>): string {
  const names = card.sans === '' ? [card.common_name] : card.sans.split(',')
  return joinLine([...names, card.name_key, card.instance, card.resource])
}
