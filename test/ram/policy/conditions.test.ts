import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { evaluate } from '../../../src/ram/policy/evaluate.ts'
import { named, request, statement } from './documents.ts'

type Given = string | readonly string[] | undefined

/** Whether a statement with this one condition matches a request in which the key has these values. */
function isMet(operator: string, wanted: unknown, given: Given, effect: 'Allow' | 'Deny' = 'Allow'): boolean {
  const documents = [named([statement({ Effect: effect, Condition: { [operator]: { 'x:key': wanted } } })])]
  return evaluate(documents, request({ context: given === undefined ? {} : { 'x:key': given } })).decision !== 'ImplicitDeny'
}

const cases: readonly (readonly [operator: string, wanted: unknown, given: Given, met: boolean])[] = [
  ['StringEquals', 'prod', 'prod', true],
  ['StringEquals', 'prod', 'Prod', false],
  ['StringEquals', '', '', true],
  ['StringEquals', 16, '16', true],
  ['StringEquals', true, 'true', true],
  ['StringNotEquals', 'prod', 'Prod', true],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringEqualsIgnoreCase', 'prod', 'PROD', true],
  ['StringEqualsIgnoreCase', 'prod*', 'PROD1', false],
  ['StringNotEqualsIgnoreCase', 'prod', 'PROD', false],
  ['StringNotEqualsIgnoreCase', 'prod', 'dev', true],
  ['StringLike', '*.team.example.com', 'a.b.team.example.com', true],
  ['StringLike', '*.team.example.com', 'team.example.com', false],
  ['StringLike', 'pr?d', 'Prod', false],
  ['StringNotLike', 'pr*', 'prod', false],
  ['StringNotLike', 'pr*', 'dev', true],

  ['NumericEquals', '10', '10.0', true],
  ['NumericEquals', 10, '10', true],
  ['NumericEquals', '10', '1e1', false],
  ['NumericEquals', '10', 'ten', false],
  ['NumericNotEquals', '10', '10.00', false],
  ['NumericNotEquals', ['1', '2'], '3', true],
  ['NumericLessThan', '10', '9', true],
  ['NumericLessThan', '10', '10', false],
  ['NumericLessThan', '-1', '-1.5', true],
  ['NumericLessThanEquals', '10', '10', true],
  ['NumericLessThanEquals', '10', '10.1', false],
  ['NumericGreaterThan', '9', '10', true],
  ['NumericGreaterThan', '9', '9', false],
  ['NumericGreaterThanEquals', '9', '9', true],
  ['NumericGreaterThanEquals', '9', '8', false],

  ['DateEquals', '2026-01-15T08:00:00Z', '2026-01-15T16:00:00+08:00', true],
  ['DateEquals', '2026-01-15T08:00:00Z', '2026-01-15T08:00:00.001Z', false],
  ['DateEquals', '2026-01-15T08:00:00.5Z', '2026-01-15T08:00:00.500Z', true],
  ['DateEquals', '2026-01-15T08:00Z', '2026-01-15T08:00:00.000Z', true],
  ['DateNotEquals', '2026-01-15T08:00:00Z', '2026-01-15T07:30:00-00:30', false],
  ['DateNotEquals', '2026-01-15T08:00:00Z', '2026-01-15T07:30:00Z', true],
  ['DateLessThan', '2026-01-15T08:00:00Z', '2026-01-15T07:59:59Z', true],
  ['DateLessThan', '2026-01-15T08:00:00Z', '2026-01-15T08:00:00Z', false],
  ['DateLessThan', '2026-01-15T08:00:00Z', 'yesterday', false],
  ['DateLessThanEquals', '2026-01-15T08:00:00Z', '2026-01-15T08:00:00Z', true],
  ['DateLessThanEquals', '2026-01-15T08:00:00Z', '2026-01-15T08:00:01Z', false],
  ['DateGreaterThan', '2026-01-15T08:00:00Z', '2026-01-15T08:00:01Z', true],
  ['DateGreaterThan', '2026-01-15T08:00:00Z', '2026-01-15T08:00:00Z', false],
  ['DateGreaterThanEquals', '2026-01-15T08:00:00Z', '2026-01-15T08:00:00Z', true],
  ['DateGreaterThanEquals', '2026-01-15T08:00:00Z', '2026-01-15T07:59:59Z', false],

  ['Bool', 'true', 'true', true],
  ['Bool', false, 'false', true],
  ['Bool', 'true', 'false', false],
  ['Bool', 'false', '', false],

  ['IpAddress', '203.0.113.9', '203.0.113.9', true],
  ['IpAddress', '203.0.113.0/24', '203.0.114.0', false],
  ['IpAddress', '203.0.113.77/24', '203.0.113.1', true],
  ['IpAddress', '0.0.0.0/0', '198.51.100.1', true],
  ['IpAddress', '0.0.0.0/0', '2001:db8::1', false],
  ['IpAddress', '203.0.113.0/24', '::ffff:203.0.113.9', true],
  ['IpAddress', '203.0.113.0/24', '::ffff:cb00:7109', true],
  ['IpAddress', '::ffff:203.0.113.0/120', '203.0.113.9', true],
  ['IpAddress', '::ffff:203.0.113.0/120', '203.0.112.9', false],
  ['IpAddress', '::/0', '203.0.113.9', false],
  ['IpAddress', '::ffff:0:0/90', '203.0.113.9', false],
  ['IpAddress', '::203.0.113.9', '203.0.113.9', false],
  ['IpAddress', '::/0', '2001:db8::1', true],
  ['IpAddress', '2001:db8::/32', '2001:DB8:0:0::1', true],
  ['IpAddress', '2001:db8::/33', '2001:db8:8000::1', false],
  ['IpAddress', '2001:db8::1', '2001:db8:0:0:0:0:0:1', true],
  ['IpAddress', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', true],
  ['IpAddress', '64:ff9b::192.0.2.33', '64:ff9b::c000:221', true],
  ['IpAddress', '203.0.113.0/24', 'no address', false],
  ['NotIpAddress', ['203.0.113.0/24', '2001:db8::/32'], '203.0.113.9', false],
  ['NotIpAddress', ['203.0.113.0/24', '2001:db8::/32'], '198.51.100.1', true],

  ['StringEqualsIfExists', 'a', undefined, true],
  ['StringEqualsIfExists', 'a', 'b', false],
  ['StringNotEqualsIfExists', 'a', undefined, true],
  ['NumericLessThanIfExists', '5', [], true],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['x', 'b'], true],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['x', 'y'], false],
  ['ForAnyValue:StringEquals', 'a', undefined, false],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', 'a', ['a', 'a'], false],
  ['ForAnyValue:StringNotEquals', 'a', undefined, false],
  ['ForAllValues:StringLike', ['a*', 'b*'], ['a1', 'b1'], true],
  ['ForAllValues:StringLike', ['a*', 'b*'], ['a1', 'c1'], false],
  ['ForAllValues:StringLike', 'a*', undefined, true],
  ['ForAllValues:StringNotLike', 'a*', ['b', 'a1'], false],
  ['ForAnyValue:StringEqualsIfExists', 'a', undefined, true],
  ['Null', 'true', undefined, true],
  ['Null', true, [], true],
  ['Null', 'true', 'a', false],
  ['Null', 'false', 'a', true],
  ['Null', 'false', undefined, false],
]

describe('conditions', () => {
  for (const [operator, wanted, given, met] of cases) {
    it(`${operator} ${JSON.stringify(wanted)} is ${met ? '' : 'not '}met by ${given === undefined ? 'a missing key' : JSON.stringify(given)}`, () => {
      assert.equal(isMet(operator, wanted, given), met)
      // Those without a quantifier treat a single value alike whatever the effect.
      assert.equal(isMet(operator, wanted, given, 'Deny'), met)
    })
  }

  const pairs: readonly (readonly [string, string, string])[] = [
    ['StringEquals', 'StringNotEquals', 'a'],
    ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'A'],
    ['StringLike', 'StringNotLike', 'a*'],
    ['NumericEquals', 'NumericNotEquals', '1'],
    ['DateEquals', 'DateNotEquals', '2026-01-01T00:00:00Z'],
    ['IpAddress', 'NotIpAddress', '10.0.0.0/8'],
  ]
  for (const [positive, negated, wanted] of pairs) {
    it(`${negated} is met exactly when ${positive} is not, also if the key is missing`, () => {
      const anything = fc.constantFrom('a', 'A', 'ab', '', '1', '1.0', '2', '2026-01-01T00:00:00Z', '10.1.2.3', '::1')
      fc.assert(
        fc.property(fc.option(anything, { nil: undefined }), (given) => {
          assert.notEqual(isMet(positive, wanted, given), isMet(negated, wanted, given))
          if (given === undefined) assert.equal(isMet(positive, wanted, given), false)
        }),
        { numRuns: 40 },
      )
    })
  }

  it('of several values an Allow needs all, so that a foreign name cannot come along with an own one', () => {
    assert.equal(isMet('StringLike', '*.team.example.com', ['a.team.example.com', 'b.team.example.com']), true)
    assert.equal(isMet('StringLike', '*.team.example.com', ['a.team.example.com', 'bank.example']), false)
    assert.equal(isMet('StringNotLike', '*.bank.example', ['a.team.example.com', 'www.bank.example']), false)
  })

  it('of several values a Deny needs one', () => {
    assert.equal(isMet('StringLike', '*.bank.example', ['a.team.example.com', 'www.bank.example'], 'Deny'), true)
    assert.equal(isMet('StringNotLike', '*.team.example.com', ['a.team.example.com', 'www.bank.example'], 'Deny'), true)
    assert.equal(isMet('StringNotLike', '*.team.example.com', ['a.team.example.com'], 'Deny'), false)
  })

  it('keys ignore case, and the keys of tags do not', () => {
    const decide = (key: string, context: Record<string, string>) =>
      evaluate([named([statement({ Condition: { StringEquals: { [key]: 'v' } } })])], request({ context })).decision
    assert.equal(decide('ACS:sourceip', { 'acs:SourceIp': 'v' }), 'Allow')
    assert.equal(decide('acs:requesttag/Env', { 'acs:RequestTag/Env': 'v' }), 'Allow')
    assert.equal(decide('acs:RequestTag/env', { 'acs:RequestTag/Env': 'v' }), 'ImplicitDeny')
    assert.equal(decide('acs:RequestTag/a/b', { 'acs:RequestTag/a/b': 'v' }), 'Allow')
    assert.equal(decide('x:constructor', {}), 'ImplicitDeny')
  })

  it('a key that the caller gives twice in different case is a bug, not a decision', () => {
    assert.throws(() => evaluate([], request({ context: { 'acs:SourceIp': '10.0.0.1', 'acs:sourceip': '10.0.0.2' } })), /given twice/)
  })
})
