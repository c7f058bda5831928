import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateContact } from '../../contacts/update-contact.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { contactTarget, givenFields, toGivenContact } from './contact-fields.ts'

/** Change a contact. */
export const updateContactAction = action({
  name: 'UpdateContact',
  version: CAS_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:UpdateContact',
  target: contactTarget,
  summary: 'Change a contact; what is absent stays, what is given empty is taken away.',
  strict: false,
  input: z.object({ ContactId: wireId, Name: z.string().optional(), Mobile: z.string().optional(), ...givenFields }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run(input, context, services) {
    await updateContact(services, context, input.ContactId, toGivenContact(input))
    return {}
  },
})
