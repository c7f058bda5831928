import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createContact } from '../../contacts/create-contact.ts'
import { CAS_VERSION } from '../versions.ts'
import { givenFields, toGivenContact } from './contact-fields.ts'

/** Make a contact. */
export const createContactAction = action({
  name: 'CreateContact',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateContact',
  summary: 'Make a contact: orders that name no applicant take the latest.',
  strict: false,
  input: z.object({ Name: z.string(), Mobile: z.string(), ...givenFields }),
  output: z.object({ ContactId: z.int() }),
  problems: ['limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    return { ContactId: await createContact(services, context, toGivenContact(input)) }
  },
})
