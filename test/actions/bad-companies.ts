import { company } from '../support/action-recipes.ts'
import type { BadInput } from './bad-orders.ts'

const long = (length: number) => 'x'.repeat(length)

/** What a field of a company may not be: the parameter, what is wrong, the value, and what the refusal says. */
const values: readonly (readonly [name: string, title: string, value: string, rule: string])[] = [
  ['CompanyName', 'of 65 characters', long(65), 'certificates'],
  ['CompanyName', 'with a line break', 'Example\nLtd', 'certificates'],
  ['CompanyCode', 'with a comma', '12,34', 'registration number'],
  ['CompanyCode', 'of 65 characters', long(65), 'registration number'],
  ['CompanyType', 'of 0', '0', '1 to 4'],
  ['CompanyType', 'of 5', '5', '1 to 4'],
  ['CompanyType', 'in words', 'commercial', '1 to 4'],
  ['CompanyAddress', 'of 257 characters', long(257), '256 characters'],
  ['CompanyAddress', 'with a control character', '1 Example\u0007Road', 'control characters'],
  ['CompanyPhone', 'of letters', 'call us', 'digits'],
  ['CompanyPhone', 'of four digits', '1234', '5 to 32'],
  ['City', 'of 65 characters', long(65), 'certificates'],
  ['Province', 'of 65 characters', long(65), 'certificates'],
  ['PostCode', 'with an underscore', 'EC1A_1BB', 'postal code'],
  ['PostCode', 'of 17 characters', '1'.repeat(17), 'postal code'],
  ['CountryCode', 'that is none', 'XX', 'ISO 3166-1'],
  ['CountryCode', 'of three letters', 'GBR', 'ISO 3166-1'],
  ['Lang', 'that is a word', 'english', 'language'],
  ['CompanyEmail', 'without a domain', 'office@', 'name@example.com'],
  ['Department', 'of 65 characters', long(65), '64 characters'],
]

const missing = (action: string, name: string, given: BadInput['change']): BadInput => ({
  title: `no ${name}`,
  action,
  change: { ...given, [name]: undefined },
  code: `Missing${name}`,
  status: 400,
  says: [`${name} is mandatory`],
})

const wrong = (action: string, given: BadInput['change'], [name, title, value, rule]: (typeof values)[number]): BadInput => ({
  title: `a ${name} ${title}`,
  action,
  change: { ...given, [name]: value },
  code: 'InvalidParameter',
  status: 400,
  says: [`"${name}"`, rule],
})

const change = { ...company, CompanyId: '1' }

/** Company profiles that are refused, one field at a time. */
export const badCompanies: readonly BadInput[] = [
  ...Object.keys(company).map((name) => missing('CreateCompany', name, company)),
  ...values.map((one) => wrong('CreateCompany', company, one)),
  missing('UpdateCompany', 'CompanyId', change),
  // A change may leave the language as it is.
  ...Object.keys(company).flatMap((name) => (name === 'Lang' ? [] : [missing('UpdateCompany', name, change)])),
  ...values.map((one) => wrong('UpdateCompany', change, one)),
]
