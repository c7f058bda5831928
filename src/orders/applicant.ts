import { parseEmail, parsePersonName, parsePhone } from '../contacts/person.ts'

/** Who applies for a certificate. Blanks at the ends are gone. */
export interface Applicant {
  /** 1 to 64 characters. */
  readonly username: string
  /** 5 to 32 digits, `+`, `-`, blanks and parentheses. */
  readonly phone: string
  /** At most 254 characters. */
  readonly email: string
}

/**
 * The applicant of an order. An empty text counts as absent.
 *
 * @throws Problem `missingParameter` or `invalidParameter` for `Username`, `Phone` or `Email`
 */
export function parseApplicant(given: { readonly [field in keyof Applicant]?: string | undefined }): Applicant {
  return {
    username: parsePersonName('Username', given.username),
    phone: parsePhone('Phone', given.phone),
    email: parseEmail('Email', given.email),
  }
}
