import { Problem } from '../../problem.ts'

/** Providers that an account may have. */
export const MOST_PROVIDERS = 100

/** Hours that a token may be old: what a provider may say, and what one that says nothing gets. */
export const issuanceHours = { least: 1, most: 168, default: 12 } as const

const MOST_URL_CHARACTERS = 255
const MOST_DESCRIPTION_CHARACTERS = 256

const lists = {
  ClientIds: {
    most: 50,
    shape: /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/,
    rule: 'A client id has 1 to 128 letters, digits, ".", "-", "_", ":" and "/", and begins with a letter or digit.',
  },
  Fingerprints: { most: 5, shape: /^[A-Za-z0-9]{1,128}$/, rule: 'A fingerprint has 1 to 128 letters and digits.' },
} as const

/**
 * The name of a provider.
 *
 * @throws Problem invalidRamValue
 */
export function parseProviderName(name: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/.test(name)) return name
  throw invalid('OIDCProviderName', 'It has 1 to 128 letters, digits, ".", "-" and "_", and begins and ends with a letter or digit.')
}

/**
 * The URL of an issuer, kept as it is: tokens name it to the letter.
 *
 * @throws Problem invalidRamValue
 */
export function parseIssuerUrl(text: string): string {
  const url = URL.parse(text)
  const plain = url?.protocol === 'https:' && text.startsWith('https://') && !/[?#@\s\\]/.test(text)
  if (!plain || text.length > MOST_URL_CHARACTERS) {
    throw invalid('IssuerUrl', `It begins with https:// and has up to ${MOST_URL_CHARACTERS} characters, without "?", "#" and "@".`)
  }
  return text
}

/**
 * Client ids or fingerprints: each once, in the order they came.
 *
 * @throws Problem invalidRamValue, limitExceeded
 */
export function parseTexts(P: keyof typeof lists, texts: readonly string[]): string[] {
  const { most, shape, rule } = lists[P]
  const kept = [...new Set(texts)]
  if (kept.some((text) => !shape.test(text))) throw invalid(P, rule)
  if (kept.length > most) throw new Problem('limitExceeded', { P: `OIDCProvider.${P}`, limit: String(most) })
  return kept
}

/** @throws Problem invalidRamValue */
export function parseProviderDescription(text: string, P: 'Description' | 'NewDescription'): string {
  if (text.length <= MOST_DESCRIPTION_CHARACTERS && !/[\p{Cc}\p{Cs}]/u.test(text)) return text
  throw invalid(P, `It has at most ${MOST_DESCRIPTION_CHARACTERS} characters and no control characters.`)
}

/** @throws Problem invalidRamValue */
export function parseIssuanceHours(hours: number): number {
  const { least, most } = issuanceHours
  if (hours < least || hours > most) throw invalid('IssuanceLimitTime', `${least} to ${most} hours are allowed.`)
  return hours
}

function invalid(P: string, rule: string): Problem {
  return new Problem('invalidRamValue', { P, rule })
}
