import * as fc from 'fast-check'
import { createAlpnCertificate } from '../validation/alpn-certificates.ts'
import { encode, makeKey, signJws } from './acme-client.ts'
import { csrFor } from './acme-orders.ts'

/** UTF-16 units, also such that belong to no character. Those of the library that know all characters cost a second each to make. */
export const anyUnit = fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit))

/** JSON of any type where another one belongs. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, '', 'x', '\u0000', '\ud800', '__proto__', [], {}, [[]], {
    a: { b: { c: {} } },
  }),
  fc.string({ unit: anyUnit, maxLength: 12 }),
  fc.jsonValue({ maxDepth: 2 }),
)
export const base64 = fc.uint8Array({ maxLength: 64 }).map((octets) => encode(octets))
export const oddBase64 = fc.constantFrom('=', 'AA==', 'A', 'A+/', 'AAA\n', ' AAAA', 'AAB', 'a.b.c')
export const deep = '['.repeat(200) + ']'.repeat(200)

/** Members of which some may be missing. */
function loose(members: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc.record(members, { requiredKeys: [] })
}

const identifier = fc.oneof(
  fc.record({
    type: fc.oneof(fc.constantFrom('dns', 'dns', 'ip', 'ip', 'DNS', 'email'), junk),
    value: fc.oneof(
      fc.constantFrom('a.evil.example.com', '*.evil.example.com', 'a..b', '*.*.x', 'xn--', 'xn--zz--.com', `${'a'.repeat(250)}.com`),
      fc.constantFrom('8.8.8.8', '127.0.0.1', 'fe80::1%eth0', '::', '1.2.3', '[::1]', 'a.example.com\r\nX: y', 'bücher.example.com'),
      fc.string({ unit: fc.constantFrom('a', '-', '.', '*', '1', ':', '%', 'é', '\u0000'), maxLength: 12 }),
      junk,
    ),
  }),
  junk,
)
const instant = fc.oneof(
  fc.constantFrom('2026-11-25T00:00:00Z', '2026-13-45T99:99:99Z', '2026-11-25T24:00:00.123456789+23:59', '+275760-09-13T00:00:00Z'),
  junk,
)
const identifiers = fc.oneof(
  fc.array(identifier, { minLength: 1, maxLength: 4 }),
  fc.constant(Array.from({ length: 101 }, () => ({ type: 'dns', value: 'a.b' }))),
  junk,
)
export const newOrder = fc.oneof(
  fc.record({ identifiers }),
  loose({
    identifiers,
    profile: junk,
    notBefore: instant,
    notAfter: instant,
    replaces: fc.oneof(junk, fc.constantFrom('a.b', 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE')),
  }),
)

export const someJws = fc.record({
  protected: fc.oneof(base64, junk),
  payload: fc.oneof(base64, junk),
  signature: fc.oneof(base64, junk),
})
export const accountMembers = loose({
  contact: fc.oneof(junk, fc.constantFrom(['mailto:a@b'], ['mailto:a@example.com?x'], ['tel:1'], Array(50).fill('mailto:a@example.com'))),
  onlyReturnExisting: junk,
  termsOfServiceAgreed: junk,
  externalAccountBinding: fc.oneof(someJws, junk),
})

/** DER of somebody, with octets changed, cut off or added, in base64url. */
function spoilt(der: Uint8Array): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(der.length - 1), fc.nat(255), fc.constantFrom('change' as const, 'cut' as const, 'add' as const, 'leave' as const))
    .map(([at, octet, how]) => {
      const changed = Uint8Array.from(der)
      changed[at] = octet
      const ways = { change: changed, cut: der.subarray(0, at), add: Buffer.concat([der, changed.subarray(at)]), leave: der }
      return encode(ways[how])
    })
}

const someCsr = Buffer.from(csrFor(['never-ordered.example.com']), 'base64url')
const someCertificate = createAlpnCertificate({ names: [{ dns: 'hostile.example.com' }] }).der
export const finalize = fc.record({ csr: fc.oneof(spoilt(someCsr), base64, oddBase64, junk) })
export const revocation = loose({
  certificate: fc.oneof(spoilt(someCertificate), base64, oddBase64, junk),
  reason: fc.oneof(fc.integer({ min: -1, max: 12 }), junk),
})

export const jwkLike = fc.oneof(
  fc.constantFrom<unknown>(
    makeKey().jwk,
    makeKey('RS256', 1024).jwk,
    { kty: 'oct', k: 'AAAA' },
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
  ),
  loose({
    kty: fc.constantFrom('EC', 'RSA', 'OKP', 'oct'),
    crv: fc.constantFrom('P-256', 'P-384', 'Ed25519', 'X25519', 'x'),
    x: base64,
    y: base64,
    n: base64,
    e: base64,
  }),
  junk,
)
const newKey = makeKey()
/** The inner JWS of a key change, signed by its key. */
export const keyChange = fc
  .record({ url: junk, account: junk, oldKey: jwkLike, jwk: fc.oneof(fc.constant<unknown>(newKey.jwk), jwkLike) })
  .map(({ url, jwk, ...change }) => signJws(newKey, { alg: newKey.alg, url, jwk }, change))

/** Payloads for any resource, and texts that are no JSON. */
export const payload: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(undefined),
  junk.map((value) => JSON.stringify(value)),
  fc.constantFrom('{', '{"a":1,}', '{"a":1,"a":2}', "{'a':1}", '{"\\u0061":1,"a":2}', 'NaN', '\ufeff{}', '{}x', deep, `{"a":${deep}}`),
  newOrder,
  finalize,
  accountMembers,
  revocation,
  fc.record({ status: fc.oneof(fc.constantFrom('valid', 'pending', 'invalid', 'Deactivated'), junk) }),
  someJws,
  fc.dictionary(fc.constantFrom('account', 'oldKey', '__proto__', 'constructor', 'toString', 'csr', 'identifiers'), junk),
)
