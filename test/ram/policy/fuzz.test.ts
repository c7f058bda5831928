import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { evaluate } from '../../../src/ram/policy/evaluate.ts'
import { parsePolicyDocument } from '../../../src/ram/policy/parse-policy.ts'
import { Problem } from '../../../src/problem.ts'
import { account, documentText, request, statement } from './documents.ts'

/** Parses as each kind, and evaluates what was accepted. Anything thrown but the one refusal fails the test. */
function survives(text: string): void {
  for (const setOperators of [false, true]) {
    for (const kind of ['identity', 'trust'] as const) {
      const started = performance.now()
      try {
        if (kind === 'trust') parsePolicyDocument(text, { setOperators, kind })
        else {
          const document = parsePolicyDocument(text, { setOperators, kind })
          evaluate([{ name: 'fuzz', version: 'v1', document }], request({ context: { 'acs:SourceIp': '10.0.0.1', 'x:a': ['1', 'b'] } }))
        }
      } catch (error) {
        assert.ok(error instanceof Problem && error.problem === 'malformedPolicyDocument', `${String(error)} for ${text}`)
      }
      assert.ok(performance.now() - started < 1000, `slow: ${text}`)
    }
  }
}

const words = fc.constantFrom(
  'Version',
  'Statement',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
  'Principal',
  'RAM',
  'Service',
  'Federated',
  '1',
  'Allow',
  'Deny',
  '*',
  'yundun-cert:*',
  'acs:oss:*:*:b',
  'StringEquals',
  'ForAllValues:StringLike',
  'NumericLessThan',
  'IpAddress',
  'DateEquals',
  'Bool',
  'Null',
  'acs:SourceIp',
  'x:a',
  '10.0.0.0/8',
  '::1/64',
  '2026-01-01T00:00:00Z',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '',
  '\u0000',
  '\ud800',
  'ForAnyValue:',
  `acs:ram::${account}:root`,
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(words, fc.double(), fc.boolean(), fc.constant(null), fc.string()),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof({ arbitrary: words, weight: 9 }, { arbitrary: fc.string(), weight: 1 }), tie('tree'), { maxKeys: 6 }),
  ),
}))

const seeds = [
  documentText([
    statement({ Action: ['yundun-cert:List*', 'yundun-cert:Get?sr'], Resource: ['*', `acs:yundun-cert:*:${account}:certificate/1`] }),
    statement({
      Effect: 'Deny',
      NotAction: 'yundun-cert:*',
      Condition: {
        StringLike: { 'acs:RequestTag/team': ['a*', 'b'] },
        IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] },
        DateLessThan: { 'acs:CurrentTime': '2026-01-15T16:00:00+08:00' },
        NumericLessThan: { 'x:a': 10 },
        Bool: { 'acs:SecureTransport': true },
        'ForAllValues:StringEqualsIfExists': { 'x:a': '1' },
        Null: { 'x:a': 'false' },
      },
    }),
  ]),
  documentText([
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { RAM: [`acs:ram::${account}:root`], Service: ['cas.aliyuncs.com'], Federated: `acs:ram::${account}:oidc-provider/ci` },
      Condition: { StringEquals: { 'oidc:sub': 'system:serviceaccount:a:b' } },
    },
  ]),
]

/** Puts pieces of one document in the place of others, and bytes where none were. */
const mutated = fc
  .record({
    seed: fc.constantFrom(...seeds),
    edits: fc.array(
      fc.record({
        at: fc.nat(2000),
        remove: fc.nat(12),
        insert: fc.oneof(
          fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '*', '?', '0', '\\', 'null', '"x":', '{}', '[]'),
          words,
          fc.string({ maxLength: 3 }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ seed, edits }) =>
    edits.reduce((text, { at, remove, insert }) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + insert + text.slice(start + remove)
    }, seed),
  )

/** Replaces one value of a valid document, wherever it is, so that most of the result is still well-formed. */
const replaced = fc.record({ seed: fc.constantFrom(...seeds), at: fc.nat(200), value: tree }).map(({ seed, at, value }) => {
  let seen = 0
  const places = JSON.stringify(JSON.parse(seed)).match(/[:,[]/g)?.length ?? 1
  return JSON.stringify(JSON.parse(seed, (_, inner: unknown) => (seen++ === at % places ? value : inner))) ?? 'null'
})

describe('policy documents from anywhere', () => {
  it('random text is refused properly', () => {
    const unit = fc.constantFrom(...'{}[]":,\\*0a \n\u0000\ud800é'.split(''))
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 100 }), (text) => survives(text)),
      { numRuns: 300 },
    )
  })

  it('random JSON made of the right words is read or refused properly', () => {
    fc.assert(
      fc.property(tree, (value) => survives(JSON.stringify(value))),
      { numRuns: 1000 },
    )
  })

  it('valid documents with changes are read or refused properly', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, replaced), (text) => survives(text)),
      { numRuns: 2000 },
    )
  })

  it('deep nesting within the size limit is refused properly', () => {
    survives('['.repeat(3000) + ']'.repeat(3000))
    survives('{"a":'.repeat(1000) + '1' + '}'.repeat(1000))
    survives(`{"Version":"1","Statement":[${'['.repeat(3000)}${']'.repeat(3000)}]}`)
    survives('"' + '\\'.repeat(6000) + '"')
  })

  it('a document full of pathological wildcards is evaluated at once', () => {
    const pattern = 'a*'.repeat(1000) + 'b'
    const document = parsePolicyDocument(
      documentText([
        statement({ Resource: [`acs:oss:*:*:${pattern}`, `acs:oss:*:*:${pattern.slice(0, 1500)}b`] }),
        statement({ Condition: { StringLike: { 'x:a': [pattern.slice(0, 1800) + 'b'] } } }),
      ]),
      { setOperators: false },
    )
    const started = performance.now()
    const asked = request({ resource: `acs:oss:*:1:${'a'.repeat(4000)}`, context: { 'x:a': 'a'.repeat(4000) } })
    assert.equal(evaluate([{ name: 'slow', version: 'v1', document }], asked).decision, 'ImplicitDeny')
    assert.ok(performance.now() - started < 1000)
  })
})
