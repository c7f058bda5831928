import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { showContact } from '../../contacts/show-contact.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { contactFields, contactTarget, contactToWire } from './contact-fields.ts'

/** Show a contact. */
export const getContactAction = action({
  name: 'GetContact',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetContact',
  target: contactTarget,
  summary: 'Show a contact; of its identity card only the last four characters.',
  strict: false,
  input: z.object({ ContactId: wireId }),
  output: z.object({ ...contactFields, IdCard: z.string() }),
  problems: ['notFoundContent'],
  async run({ ContactId }, { caller }, services) {
    const contact = await showContact(services, caller.accountId, ContactId)
    return { ...contactToWire(contact), IdCard: contact.idCard }
  },
})
