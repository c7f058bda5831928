/** Fields whose whole text is secret, or made anew by each call. */
const opaque = /(Secret|SecurityToken|EncodedDiagnosticMessage|VerifierKey|Checkpoint|Entry|ContentBase64)$/
const MOST_SHOWN = 2

const time = Date.UTC(2026, 11, 1, 8)

/** What differs from run to run, and what stands for it. */
const rules: readonly (readonly [RegExp, string | ((found: string) => string)])[] = [
  [/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g, (pem) => pem.replace(/\n[^-]+\n/, '\n...\n')],
  [/[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, 'B1A51C0E-5D3F-4F2A-9C41-7E0D2A6B8F13'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2026-12-01T08:00:00Z'],
  [/\b\d{4}-\d\d-\d\d\b/g, '2026-12-01'],
  [/\b127\.0\.0\.1:\d+/g, '127.0.0.1:53'],
  [/\blocalhost:\d+/g, 'issuer.example.com'],
  [/\bLTAI\w+/g, 'LTAI5tExampleKeyId000000'],
  [/\bSTS\.\w+/g, 'STS.ExampleKeyId'],
  [/\b[0-9A-Fa-f:]{32,}\b/g, (hex) => (/[A-F]/.test(hex) ? 'A1B2...' : 'a1b2...')],
  [/[A-Za-z0-9+/_-]{40,}={0,2}/g, '...'],
  [/\b[1-9]\d{15,}\b/g, '1234567890123456'],
  [/\b1[789]\d{11}\b/g, String(time)],
  [/\b1\d{7}\b/g, '10000001'],
  [/\bIssuing CA [0-9A-F]{8}\b/g, 'Issuing CA 0A1B2C3D'],
]

/**
 * An answer as the reference shows it: ids, times, keys and signatures are replaced by a value of their kind, whatever they were; lists are cut
 * after two.
 */
export function showAnswer(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.slice(0, MOST_SHOWN).map((one: unknown) => showAnswer(one, name))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, showAnswer(one, key)]))
  if (typeof value === 'number') return showNumber(value)
  if (typeof value !== 'string') return value
  if (opaque.test(name)) return '...'
  return rules.reduce(
    (text, [pattern, shown]) => (typeof shown === 'string' ? text.replaceAll(pattern, shown) : text.replaceAll(pattern, shown)),
    value,
  )
}

/** Accounts have 16 digits, times are ms since 1970, ids begin at 10,000,000. */
function showNumber(value: number): number {
  if (value >= 1e15) return 1_234_567_890_123_456
  if (value >= 1e12) return time
  return value >= 1e7 ? 10_000_001 : value
}
