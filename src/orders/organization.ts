import type { Selectable } from 'kysely'
import type { CertifiedOrganization } from '../ca/certificate-authority.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findCompanyByName, findLatestCompany } from '../storage/companies.ts'
import type { OrderRow } from '../storage/orders.ts'
import type { CompanyTable } from '../storage/schema.ts'

/** Whom an OV or EV certificate names, as the company's profile said when the order was placed. */
export interface Organization {
  readonly name: string
  /** Registration number. */
  readonly code: string
  readonly kind: number
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly province: string
  readonly city: string
  readonly address: string
  readonly postCode: string
  readonly phone: string
  readonly department: string
}

/**
 * The company of an OV or EV order: the one of that name, or the latest.
 *
 * @throws Problem invalidParameter for CompanyName, if there is none, or its registration number cannot stand in an EV certificate
 */
export async function findOrganization(
  { db }: Pick<Services, 'db'>,
  accountId: number,
  { name, level }: { readonly name: string | undefined; readonly level: 'OV' | 'EV' },
): Promise<Organization> {
  const row = name === undefined ? await findLatestCompany(db.read, accountId) : await findCompanyByName(db.read, accountId, name)
  if (row === undefined) {
    throw new Problem('invalidParameter', {
      P: 'CompanyName',
      rule: name === undefined ? 'OV and EV orders need a company: make one with CreateCompany.' : 'No company profile has this name.',
    })
  }
  // X.520 section 6.2.9: the serialNumber of a subject is a PrintableString.
  if (level === 'EV' && !/^[A-Za-z0-9 ./-]+$/.test(row.code)) {
    throw new Problem('invalidParameter', {
      P: 'CompanyName',
      rule: 'The registration number of an EV company has only letters A to Z and a to z, digits, blanks, ".", "/" and "-".',
    })
  }
  return toOrganization(row)
}

function toOrganization(row: Selectable<CompanyTable>): Organization {
  return {
    name: row.name,
    code: row.code,
    kind: row.kind,
    country: row.country,
    province: row.province,
    city: row.city,
    address: row.address,
    postCode: row.post_code,
    phone: row.phone,
    department: row.department,
  }
}

/** EVG 7.1.4.2.3, by the kind of a company profile. */
const businessCategories: Readonly<Record<number, string>> = {
  1: 'Private Organization',
  2: 'Business Entity',
  3: 'Government Entity',
  4: 'Non-Commercial Entity',
}

/** What the certificate of an order says of its organization; undefined for DV. */
export function subjectOf(order: Pick<OrderRow, 'id' | 'level' | 'organization'>): CertifiedOrganization | undefined {
  if (order.level === 'DV') return undefined
  if (order.organization === null) throw new Error(`the ${order.level} order ${order.id} has no organization`)
  // Stored by the service itself.
  const { name, city, province, country, code, kind } = JSON.parse(order.organization) as Organization
  const subject = { organization: name, locality: city, stateOrProvince: province, country }
  if (order.level !== 'EV') return subject
  return { ...subject, businessCategory: businessCategories[kind], jurisdictionCountry: country, serialNumber: code }
}
