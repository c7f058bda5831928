import { Problem } from '../problem.ts'
import { findNameTextFault } from '../x509/name.ts'
import { countryCodes } from './country-codes.ts'
import { parseEmail, parsePhone, present } from './person.ts'

/** A company profile: whom OV and EV certificates name. */
export interface Company {
  /** Fits a certificate's O. */
  readonly name: string
  /** Registration number. */
  readonly code: string
  /** 1 private organization, 2 commercial, 3 government, 4 non-profit: the console's order, which the API's pages do not tell. */
  readonly kind: number
  readonly address: string
  readonly phone: string
  /** Fits a certificate's L. */
  readonly city: string
  /** Fits a certificate's ST. */
  readonly province: string
  readonly postCode: string
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string
  /** A language tag, e.g. `zh`. */
  readonly lang: string
  /** May be empty. */
  readonly email: string
  /** May be empty. */
  readonly department: string
}

/** A company as a door hands it in: texts are still the caller's. */
export type GivenCompany = { readonly [field in Exclude<keyof Company, 'kind'>]?: string | undefined } & { readonly kind: number }

/**
 * A new company profile.
 *
 * @throws Problem missingParameter, invalidParameter
 */
export function parseCompany(given: GivenCompany): Company {
  return {
    ...parseMandatory(given),
    lang: parseLang(given.lang),
    email: given.email ? parseEmail('CompanyEmail', given.email) : '',
    department: given.department ? parseText('Department', given.department, 64) : '',
  }
}

/** What a change of a profile gives: language, mail address and department stay as they are if they are absent. */
export type CompanyChange = Omit<Company, OptionalInChange> & Partial<Pick<Company, OptionalInChange>>
type OptionalInChange = 'lang' | 'email' | 'department'

/**
 * A changed company profile. An empty mail address or department is taken away.
 *
 * @throws Problem missingParameter, invalidParameter
 */
export function parseCompanyChange(given: GivenCompany): CompanyChange {
  const { lang, email, department } = given
  return {
    ...parseMandatory(given),
    ...(lang !== undefined && { lang: parseLang(lang) }),
    ...(email !== undefined && { email: email === '' ? '' : parseEmail('CompanyEmail', email) }),
    ...(department !== undefined && { department: department === '' ? '' : parseText('Department', department, 64) }),
  }
}

function parseMandatory(given: GivenCompany): Omit<Company, OptionalInChange> {
  return {
    name: parseNamePart('CompanyName', given.name),
    code: parseCode(given.code),
    kind: given.kind,
    address: parseText('CompanyAddress', given.address, 256),
    phone: parsePhone('CompanyPhone', given.phone),
    city: parseNamePart('City', given.city),
    province: parseNamePart('Province', given.province),
    postCode: parsePostCode(given.postCode),
    country: parseCountry(given.country),
  }
}

/** A text that goes into the subject of a certificate as it is. */
function parseNamePart(parameter: string, given: string | undefined): string {
  const text = present(parameter, given).normalize('NFC')
  const fault = findNameTextFault(text)
  if (fault !== undefined) throw invalid(parameter, `It goes into certificates, and ${fault}.`)
  return text
}

function parseText(parameter: string, given: string | undefined, most: number): string {
  const text = present(parameter, given).normalize('NFC')
  if (Array.from(text).length > most) throw invalid(parameter, `It has at most ${most} characters.`)
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) throw invalid(parameter, 'It has no control characters.')
  return text
}

function parseCode(given: string | undefined): string {
  const code = present('CompanyCode', given)
  if (!/^[\p{L}\p{N} ./-]{1,64}$/u.test(code)) {
    throw invalid('CompanyCode', 'A registration number has at most 64 letters, digits, blanks, ".", "/" and "-".')
  }
  return code
}

function parsePostCode(given: string | undefined): string {
  const code = present('PostCode', given)
  if (!/^[A-Za-z0-9 -]{1,16}$/.test(code)) throw invalid('PostCode', 'A postal code has at most 16 letters, digits, blanks and "-".')
  return code
}

function parseCountry(given: string | undefined): string {
  const country = present('CountryCode', given).toUpperCase()
  if (!countryCodes.has(country)) throw invalid('CountryCode', 'It is a code of ISO 3166-1 with two letters, e.g. CN.')
  return country
}

function parseLang(given: string | undefined): string {
  const lang = present('Lang', given)
  if (!/^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3}$/.test(lang)) throw invalid('Lang', 'It is the tag of a language, e.g. zh or en.')
  return lang
}

function invalid(parameter: string, rule: string): Problem {
  return new Problem('invalidParameter', { P: parameter, rule })
}
