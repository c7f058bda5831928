import { domainToASCII } from 'node:url'
import { Problem } from '../problem.ts'

/** Who applies for a certificate. Blanks at the ends are gone. */
export interface Applicant {
  /** 1 to 64 characters. */
  readonly username: string
  /** 5 to 32 digits, `+`, `-`, blanks and parentheses. */
  readonly phone: string
  /** At most 254 characters (RFC 5321 section 4.5.3.1.3, without the angle brackets). */
  readonly email: string
}

/**
 * The applicant of an order. An empty text counts as absent.
 *
 * @throws Problem `missingParameter` or `invalidParameter` for `Username`, `Phone` or `Email`
 */
export function parseApplicant(given: { readonly [field in keyof Applicant]?: string | undefined }): Applicant {
  return { username: parseUsername(given.username), phone: parsePhone(given.phone), email: parseEmail(given.email) }
}

function parseUsername(given: string | undefined): string {
  const username = present('Username', given)
  if (Array.from(username).length > 64) throw invalid('Username', 'A name has at most 64 characters.')
  // Cc: controls, Cf: invisible marks such as those that turn the writing direction, Cs: halves of a broken pair.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(username)) throw invalid('Username', 'A name has no control characters.')
  return username
}

function parsePhone(given: string | undefined): string {
  const phone = present('Phone', given)
  if (phone.length < 5 || phone.length > 32) throw invalid('Phone', 'A phone number has 5 to 32 characters.')
  if (!/^[0-9+() -]+$/.test(phone) || !/\d/.test(phone)) {
    throw invalid('Phone', 'A phone number consists of digits, "+", "-", blanks and parentheses.')
  }
  return phone
}

function parseEmail(given: string | undefined): string {
  const email = present('Email', given)
  if (email.length > 254) throw invalid('Email', 'A mail address has at most 254 characters.')
  const at = email.lastIndexOf('@')
  if (at === -1 || !isLocalPart(email.slice(0, at)) || !isMailDomain(email.slice(at + 1))) {
    throw invalid('Email', 'A mail address has the form name@example.com.')
  }
  return email
}

/** Dot-string of RFC 5321 section 4.1.2; quoted local parts are refused. */
function isLocalPart(text: string): boolean {
  return text.length <= 64 && /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(text)
}

/** Two labels at least, so that the address means the same everywhere. Address literals (`[192.0.2.1]`) are refused. */
function isMailDomain(text: string): boolean {
  const labels = domainToASCII(text).split('.')
  const isLabel = (label: string) => label.length <= 63 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label)
  return labels.length >= 2 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '')
}

function present(parameter: string, given: string | undefined): string {
  const text = given?.trim() ?? ''
  if (text === '') throw new Problem('missingParameter', { P: parameter })
  return text
}

function invalid(parameter: string, rule: string): Problem {
  return new Problem('invalidParameter', { P: parameter, rule })
}
