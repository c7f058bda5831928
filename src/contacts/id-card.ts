import type { Sealer } from '../keys/sealer.ts'
import type { ContactRow } from '../storage/contacts.ts'

/** Seals the number of a contact's identity card for storage; null stays null. */
export function sealIdCard(sealer: Sealer, accountId: number, contactId: number, idCard: string | null): Uint8Array | null {
  return idCard === null ? null : sealer.seal(Buffer.from(idCard), bindingOf(accountId, contactId))
}

/** The number that a contact's row holds sealed; null for none. */
export function openIdCard(sealer: Sealer, contact: Pick<ContactRow, 'id' | 'account_id' | 'id_card_sealed'>): string | null {
  if (contact.id_card_sealed === null) return null
  const plain = sealer.open(contact.id_card_sealed, bindingOf(contact.account_id, contact.id))
  try {
    return Buffer.from(plain).toString('utf8')
  } finally {
    plain.fill(0)
  }
}

/** As `installation/sealed-columns.ts` has it. */
function bindingOf(accountId: number, contactId: number): Parameters<Sealer['seal']>[1] {
  return { purpose: 'secret', accountId, id: `contact-${contactId}` }
}
