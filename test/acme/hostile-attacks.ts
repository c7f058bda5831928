import * as fc from 'fast-check'
import {
  accountMembers,
  anyUnit,
  base64,
  deep,
  finalize,
  junk,
  jwkLike,
  keyChange,
  newOrder,
  oddBase64,
  payload,
  revocation,
  someJws,
} from './hostile-payloads.ts'

/** One request that no honest client sends, before ids, nonces and signature are filled in. */
export interface Attack {
  readonly method: string
  /** Below `/acme/`, with `*` where an id belongs. */
  readonly path: string
  /** `own`, `foreign`, or what stands there itself. */
  readonly id: string
  readonly query: string
  readonly contentType: string
  readonly body: AttackBody
}

export type AttackBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | SignedBody

/** A JWS whose header is as it should be (`own`, `fresh`), or holds what is said. */
export interface SignedBody {
  readonly kind: 'jws'
  readonly payload: unknown
  readonly alg: unknown
  readonly nonce: unknown
  readonly url: unknown
  readonly signer: (typeof signers)[number]
  readonly jwk: unknown
  readonly by: 'own' | 'other'
  readonly extra: object
  readonly spoil: (typeof spoils)[number]
}

const signers = ['kid', 'jwk', 'both', 'none', 'foreign kid', 'odd kid', 'odd jwk'] as const
const spoils = [
  'none',
  'padding',
  'truncated text',
  'no payload',
  'no signature',
  'short signature',
  'numbers',
  'twice',
  'general',
  'header',
  'array',
  'compact',
  'bom',
  'tail',
  'flipped',
] as const

/** A request that is wrong in all its parts is refused at the first: most parts are good ones. */
function mostly<T>(good: T, ...odd: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(good), weight: 6 * odd.length }, ...odd)
}

const anySigned: fc.Arbitrary<SignedBody> = fc.record({
  kind: fc.constant('jws' as const),
  payload,
  alg: mostly<unknown>('own', fc.constantFrom('none', 'HS256', 'RS256', 'ES384', 'EdDSA', 'es256', ''), junk),
  nonce: mostly<unknown>('fresh', fc.constant('used'), fc.constant('none'), oddBase64, base64, junk),
  url: mostly<unknown>('own', fc.constant('other'), fc.constant('none'), junk),
  signer: mostly('kid', fc.constantFrom(...signers)),
  jwk: jwkLike,
  by: mostly('own', fc.constant('other')),
  extra: mostly<object>(
    {},
    fc.constantFrom({ crit: ['exp'], exp: 1 }, { b64: false, crit: ['b64'] }, { jku: 'http://127.0.0.1:1/' }, { x5c: [] }),
  ),
  spoil: mostly('none', fc.constantFrom(...spoils)),
})

const texts = [
  '',
  '{',
  '{}',
  '[]',
  'null',
  deep,
  '{"protected":1,"payload":2,"signature":3}',
  '{"protected":"","payload":"","signature":""}',
  '{"protected":"e30","payload":"","signature":"AA"}',
  '{"a":'.repeat(5_000),
  '"',
  '\u0000',
  'x'.repeat(70_000),
]
const ids = ['', '.', '..', '0', '-1', '1e3', '01', '99999999999999999999', 'NaN', '%00', '%2e%2e', '1%2f2', '__proto__', 'x'.repeat(3_000)]
const paths = [
  'new-account',
  'new-order',
  'revoke-cert',
  'key-change',
  'account/*',
  'account/*/orders',
  'order/*',
  'order/*/finalize',
  'authorization/*',
  'challenge/*/http-01',
  'challenge/*/*',
  'certificate/*',
  'certificate/*/1',
]
const oddPaths = ['renewal-info/*', 'directory', 'new-nonce', '*', '*/*', '', 'order/*/finalize/*']
const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']
const queries = ['?', '?cursor=1', '?cursor=-1', '?cursor=%00', '?a=b&a=b', `?${'x'.repeat(5_000)}`]
const contentTypes = ['', 'application/json', 'text/plain', 'application/jose+json;charset=x', 'application/jose+jsonx']

/** Wrong at the door: in method, path, form, header, nonce or signature. */
const outer: fc.Arbitrary<Attack> = fc.record({
  method: mostly('POST', fc.constantFrom(...methods)),
  path: fc.oneof({ arbitrary: fc.constantFrom(...paths), weight: 9 }, fc.constantFrom(...oddPaths)),
  id: mostly('own', fc.constant('foreign'), fc.constantFrom(...ids)),
  query: mostly('', fc.constantFrom(...queries)),
  contentType: mostly('application/jose+json', fc.constantFrom(...contentTypes)),
  body: fc.oneof(
    { arbitrary: anySigned, weight: 9 },
    fc.oneof(fc.constantFrom(...texts), fc.string({ unit: anyUnit, maxLength: 64 })).map((text) => ({ kind: 'text' as const, text })),
    fc.uint8Array({ maxLength: 256 }).map((octets) => ({ kind: 'octets' as const, octets })),
  ),
})

const bySomebody = { kind: 'jws', alg: 'own', nonce: 'fresh', url: 'own', jwk: null, by: 'own', extra: {}, spoil: 'none' } as const

function aimed(path: string, members: fc.Arbitrary<unknown>, ...by: readonly SignedBody['signer'][]): fc.Arbitrary<Attack> {
  return fc
    .record({ content: members, id: fc.constantFrom('own', 'own', 'foreign', '1'), signer: fc.constantFrom(...by) })
    .map((parts) => ({
      method: 'POST',
      path,
      id: parts.id,
      query: '',
      contentType: 'application/jose+json',
      body: { ...bySomebody, payload: parts.content, signer: parts.signer },
    }))
}

const nothing = fc.constant(undefined)

/** Signed as it should be, for the resource that such a payload belongs to: the rules behind the door have to bear it. */
const inner: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: aimed('new-order', newOrder, 'kid'), weight: 3 },
  { arbitrary: aimed('order/*/finalize', finalize, 'kid'), weight: 3 },
  { arbitrary: aimed('revoke-cert', revocation, 'kid', 'jwk'), weight: 2 },
  aimed('account/*', accountMembers, 'kid'),
  aimed('new-account', accountMembers, 'jwk'),
  aimed('key-change', fc.oneof(keyChange, someJws), 'kid'),
  aimed('authorization/*', fc.record({ status: junk }), 'kid'),
  aimed('challenge/*/http-01', payload, 'kid'),
  aimed('challenge/*/dns-01', payload, 'kid'),
  aimed('order/*', nothing, 'kid'),
  aimed('certificate/*/1', nothing, 'kid'),
  aimed('account/*/orders', nothing, 'kid'),
)

export const attack: fc.Arbitrary<Attack> = fc.oneof(outer, inner)
