import type { Action } from '../../gateway/action.ts'
import { createContactAction } from './create-contact.ts'
import { deleteContactAction } from './delete-contact.ts'
import { getContactAction } from './get-contact.ts'
import { listContactAction } from './list-contact.ts'
import { updateContactAction } from './update-contact.ts'

/** Contacts: applicants by default. */
export const contactActions: readonly Action[] = [
  createContactAction,
  getContactAction,
  updateContactAction,
  deleteContactAction,
  listContactAction,
]
