import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteContact } from '../../contacts/delete-contact.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { contactTarget } from './contact-fields.ts'

/** Delete a contact. */
export const deleteContactAction = action({
  name: 'DeleteContact',
  version: CAS_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteContact',
  target: contactTarget,
  summary: 'Delete a contact; orders keep what they were placed with.',
  strict: false,
  input: z.object({ ContactId: wireId }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run({ ContactId }, context, services) {
    await deleteContact(services, context, ContactId)
    return {}
  },
})
