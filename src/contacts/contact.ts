import { Problem } from '../problem.ts'
import { parseEmail, parsePersonName, parsePhone } from './person.ts'
import { parseWebhooks } from './webhooks.ts'

/** A person to be asked about certificates. */
export interface Contact {
  readonly name: string
  readonly mobile: string
  /** May be empty. */
  readonly email: string
  /** Some CAs want it; null for none. */
  readonly idCard: string | null
  /** https addresses of chat robots. */
  readonly webhooks: readonly string[]
}

/** A contact as a door hands it in: texts are still the caller's. */
export type GivenContact = { readonly [field in keyof Contact]?: string | undefined }

/**
 * A new contact. Name and mobile are mandatory.
 *
 * @throws Problem missingParameter, invalidParameter
 */
export function parseContact(given: GivenContact): Contact {
  return {
    name: parsePersonName('Name', given.name),
    mobile: parsePhone('Mobile', given.mobile),
    email: given.email ? parseEmail('Email', given.email) : '',
    idCard: given.idCard ? parseIdCard(given.idCard) : null,
    webhooks: given.webhooks ? parseWebhooks(given.webhooks) : [],
  }
}

/**
 * What a change gives: absent fields stay as they are, an empty mail address, id card or list of webhooks is taken away.
 *
 * @throws Problem missingParameter, invalidParameter
 */
export function parseContactChange(given: GivenContact): Partial<Contact> {
  return {
    ...(given.name !== undefined && { name: parsePersonName('Name', given.name) }),
    ...(given.mobile !== undefined && { mobile: parsePhone('Mobile', given.mobile) }),
    ...(given.email !== undefined && { email: given.email === '' ? '' : parseEmail('Email', given.email) }),
    ...(given.idCard !== undefined && { idCard: given.idCard === '' ? null : parseIdCard(given.idCard) }),
    ...(given.webhooks !== undefined && { webhooks: given.webhooks === '' ? [] : parseWebhooks(given.webhooks) }),
  }
}

/** The number of an identity card or passport: countries differ, so only its characters are looked at. */
function parseIdCard(given: string): string {
  const text = given.trim()
  if (!/^[A-Za-z0-9()/-]{6,32}$/.test(text)) {
    throw new Problem('invalidParameter', {
      P: 'Idcard',
      rule: 'The number of an identity card has 6 to 32 letters, digits, "-", "/" and parentheses.',
    })
  }
  return text
}

/** The number as answers show it: the last four characters. */
export function maskIdCard(idCard: string): string {
  return `${'*'.repeat(idCard.length - 4)}${idCard.slice(-4)}`
}
