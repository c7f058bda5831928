import { z } from 'zod'
import type { ActionTarget } from '../../gateway/action.ts'
import type { GivenContact } from '../../contacts/contact.ts'
import type { ListedContact } from '../../storage/contacts.ts'

/** The contact that `ContactId` names. */
export const contactTarget: ActionTarget = {
  resources: ({ ContactId }) => (typeof ContactId === 'string' ? [`contact/${ContactId}`] : []),
}

const text = z.string().optional()

/** What of a contact a call may give. */
export const givenFields = { Email: text, Idcard: text, Webhooks: text }

export function toGivenContact(input: {
  readonly Name?: string | undefined
  readonly Mobile?: string | undefined
  readonly Email?: string | undefined
  readonly Idcard?: string | undefined
  readonly Webhooks?: string | undefined
}): GivenContact {
  return { name: input.Name, mobile: input.Mobile, email: input.Email, idCard: input.Idcard, webhooks: input.Webhooks }
}

/** A contact as answers show it. */
export const contactFields = {
  ContactId: z.int(),
  Name: z.string(),
  Mobile: z.string(),
  MobileStatus: z.int(),
  Email: z.string(),
  EmailStatus: z.int(),
  Webhooks: z.string(),
  WebhookList: z.array(z.string()),
}

export function contactToWire(contact: ListedContact) {
  return {
    ContactId: contact.id,
    Name: contact.name,
    Mobile: contact.mobile,
    // 1 would say that it was verified: nothing here verifies.
    MobileStatus: 0,
    Email: contact.email,
    EmailStatus: 0,
    Webhooks: contact.webhooks,
    // Stored by the service itself.
    WebhookList: JSON.parse(contact.webhooks) as string[],
  }
}
