import { domainToASCII } from 'node:url'
import { Problem } from '../problem.ts'

/**
 * The name of a person, 1 to 64 characters; blanks at the ends are gone. An empty text counts as absent.
 *
 * @param parameter its name on the wire
 * @throws Problem missingParameter or invalidParameter
 */
export function parsePersonName(parameter: string, given: string | undefined): string {
  const name = present(parameter, given)
  if (Array.from(name).length > 64) throw invalid(parameter, 'A name has at most 64 characters.')
  // Cc: controls, Cf: invisible marks such as those that turn the writing direction, Cs: halves of a broken pair.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) throw invalid(parameter, 'A name has no control characters.')
  return name
}

/**
 * A phone number: 5 to 32 digits, `+`, `-`, blanks and parentheses.
 *
 * @throws Problem missingParameter or invalidParameter
 */
export function parsePhone(parameter: string, given: string | undefined): string {
  const phone = present(parameter, given)
  if (phone.length < 5 || phone.length > 32) throw invalid(parameter, 'A phone number has 5 to 32 characters.')
  if (!/^[0-9+() -]+$/.test(phone) || !/\d/.test(phone)) {
    throw invalid(parameter, 'A phone number consists of digits, "+", "-", blanks and parentheses.')
  }
  return phone
}

/**
 * A mail address of at most 254 characters (RFC 5321 section 4.5.3.1.3, without the angle brackets).
 *
 * @throws Problem missingParameter or invalidParameter
 */
export function parseEmail(parameter: string, given: string | undefined): string {
  const email = present(parameter, given)
  if (email.length > 254) throw invalid(parameter, 'A mail address has at most 254 characters.')
  const at = email.lastIndexOf('@')
  if (at === -1 || !isLocalPart(email.slice(0, at)) || !isMailDomain(email.slice(at + 1))) {
    throw invalid(parameter, 'A mail address has the form name@example.com.')
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

/** A mandatory text without the blanks at its ends. Throws Problem missingParameter. */
export function present(parameter: string, given: string | undefined): string {
  const text = given?.trim() ?? ''
  if (text === '') throw new Problem('missingParameter', { P: parameter })
  return text
}

function invalid(parameter: string, rule: string): Problem {
  return new Problem('invalidParameter', { P: parameter, rule })
}
