import { Problem } from '../problem.ts'

const MOST_CONTACTS = 10
const LONGEST_CONTACT = 255

/**
 * The contacts of an account (RFC 8555 section 7.3): `mailto:` with one address and no header fields.
 *
 * @param value the member `contact`, as it came; absent: no contacts
 * @throws Problem acmeMalformed, acmeUnsupportedContact, acmeInvalidContact
 */
export function parseContacts(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MOST_CONTACTS) {
    throw new Problem('acmeMalformed', { rule: `contact is a list of at most ${MOST_CONTACTS} URLs.` })
  }
  return value.map(parseContact)
}

function parseContact(value: unknown): string {
  if (typeof value !== 'string' || value.length > LONGEST_CONTACT || !/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(value)) {
    throw new Problem('acmeInvalidContact', { rule: `A contact is a URL of at most ${LONGEST_CONTACT} characters.` })
  }
  if (!/^mailto:/i.test(value)) throw new Problem('acmeUnsupportedContact')
  if (!ADDRESS.test(value.slice('mailto:'.length))) {
    throw new Problem('acmeInvalidContact', { rule: 'A mailto: URL has one address, and no header fields.' })
  }
  return value
}

/** dot-atom "@" domain (RFC 5322 section 3.4.1), without what needs quoting; `,`, `?` and `%` are not among the characters. */
const ADDRESS =
  /^[A-Za-z0-9!#$&'*+/=^_`{|}~-]+(?:\.[A-Za-z0-9!#$&'*+/=^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/
