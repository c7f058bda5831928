import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findContact, type ListedContact } from '../storage/contacts.ts'
import { maskIdCard } from './contact.ts'
import { openIdCard } from './id-card.ts'

/**
 * One contact, of its identity card the last four characters; empty for none.
 *
 * @throws Problem notFoundContent
 */
export async function showContact(
  { db, sealer }: Pick<Services, 'db' | 'sealer'>,
  accountId: number,
  contactId: number,
): Promise<ListedContact & { readonly idCard: string }> {
  const contact = await findContact(db.read, accountId, contactId)
  if (contact === undefined) throw new Problem('notFoundContent', { what: 'contact' })
  const idCard = openIdCard(sealer, contact)
  return { ...contact, idCard: idCard === null ? '' : maskIdCard(idCard) }
}
