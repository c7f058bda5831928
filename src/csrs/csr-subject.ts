import { countryCodes } from '../contacts/country-codes.ts'
import { parseDomainName } from '../orders/domain-name.ts'
import { Problem } from '../problem.ts'
import { type DistinguishedName, findNameTextFault } from '../x509/name.ts'

/** What a CSR is to ask for, in a caller's words. */
export interface GivenSubject {
  readonly commonName: string
  /** Separated by commas. */
  readonly sans: string | undefined
  readonly countryCode: string
  readonly province: string
  readonly locality: string
  readonly corpName: string | undefined
  readonly department: string | undefined
}

/** What a CSR asks for: its subject, and the names of its subjectAltName, the CN first. */
export interface CsrSubject {
  readonly subject: DistinguishedName
  readonly dnsNames: readonly string[]
}

/** As many as a certificate of any product could hold, with room. */
const MOST_NAMES = 100

/**
 * Checks what a CSR is to ask for. Names are written as orders write them: A-labels in lower case, each once.
 *
 * @throws Problem invalidParameter
 */
export function parseCsrSubject(given: GivenSubject): CsrSubject {
  const commonName = parseName(given.commonName, 'CommonName')
  // RFC 5280 appendix A.1, ub-common-name
  if (commonName.length > 64) throw invalid('CommonName', 'A CN has at most 64 characters; give a longer name in Sans.')
  const others = given.sans === undefined ? [] : given.sans.split(',').map((name) => parseName(name.trim(), 'Sans'))
  const dnsNames = [...new Set([commonName, ...others])]
  if (dnsNames.length > MOST_NAMES) throw invalid('Sans', `At most ${MOST_NAMES} names are allowed.`)
  return {
    subject: {
      country: parseCountry(given.countryCode),
      stateOrProvince: parseText(given.province, 'Province'),
      locality: parseText(given.locality, 'Locality'),
      organization: given.corpName === undefined ? undefined : parseText(given.corpName, 'CorpName'),
      organizationalUnit: given.department === undefined ? undefined : parseText(given.department, 'Department'),
      commonName,
    },
    dnsNames,
  }
}

/** What fits no product is refused by the order: a CSR is for any of them. */
const anyProduct = { code: 'any', domainKind: 'mix', internalNames: true, blockedWords: [] } as const

function parseName(text: string, P: string): string {
  if (text === '') throw invalid(P, 'Between two commas there is a name.')
  try {
    return parseDomainName(text, anyProduct).name
  } catch (error) {
    if (error instanceof Problem) throw new Problem(error.problem, { ...error.params, P })
    throw error
  }
}

function parseCountry(text: string): string {
  const country = text.toUpperCase()
  if (!countryCodes.has(country)) throw invalid('CountryCode', 'It is a code of ISO 3166-1 with two letters, e.g. CN.')
  return country
}

function parseText(text: string, P: string): string {
  const fault = findNameTextFault(text)
  if (fault !== undefined) throw invalid(P, `It is unfit for the subject of a CSR: ${fault}.`)
  return text
}

function invalid(P: string, rule: string): Problem {
  return new Problem('invalidParameter', { P, rule })
}
