import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { evaluate, explain, type NamedDocument } from '../../../src/ram/policy/evaluate.ts'
import { account, named, request, statement } from './documents.ts'

const names = ['ListCsr', 'ListCert', 'DeleteCsr', 'GetPrivateKey']
const requests = fc
  .record({
    name: fc.constantFrom(...names),
    upper: fc.boolean(),
    relativeId: fc.constantFrom('*', 'certificate/1', 'order/2'),
    context: fc.record(
      {
        'acs:SourceIp': fc.constantFrom('10.0.0.1', '203.0.113.9'),
        'acs:RequestTag/team': fc.constantFrom('a', 'b'),
        'yundun-cert:Domain': fc.array(fc.constantFrom('a.example', 'b.example'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ name, upper, relativeId, context }) =>
    request({
      action: upper ? `YUNDUN-CERT:${name.toUpperCase()}` : `yundun-cert:${name}`,
      resource: `acs:yundun-cert:*:${account}:${relativeId}`,
      context: Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)),
    }),
  )

const actionText = fc.constantFrom('*', 'yundun-cert:*', 'yundun-cert:List*', 'yundun-cert:ListCs?', 'yundun-cert:deletecsr', 'oss:*')
const resourceText = fc.constantFrom('*', `acs:yundun-cert:*:${account}:*`, 'acs:yundun-cert:*:*:certificate/*', 'acs:oss:*:*:b')
const conditionParts = fc.constantFrom<Record<string, Record<string, string | string[]>> | undefined>(
  undefined,
  { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } },
  { NotIpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } },
  { StringEquals: { 'acs:RequestTag/team': ['a', 'c'] } },
  { StringLike: { 'yundun-cert:Domain': 'a*' }, StringNotEquals: { 'acs:RequestTag/team': 'b' } },
  { Null: { 'yundun-cert:Domain': 'true' } },
)
const statements = fc
  .record({
    effect: fc.constantFrom('Allow', 'Deny'),
    action: fc.array(actionText, { minLength: 1, maxLength: 2 }),
    notAction: fc.boolean(),
    resource: fc.array(resourceText, { minLength: 1, maxLength: 2 }),
    notResource: fc.boolean(),
    condition: conditionParts,
  })
  .map(({ effect, action, notAction, resource, notResource, condition }) => ({
    Effect: effect,
    [notAction ? 'NotAction' : 'Action']: action,
    [notResource ? 'NotResource' : 'Resource']: resource,
    ...(condition === undefined ? {} : { Condition: condition }),
  }))
type Written = typeof statements extends fc.Arbitrary<infer Value> ? Value : never
const policies = fc.array(fc.array(statements, { minLength: 1, maxLength: 3 }), { maxLength: 3 })

function parseAll(written: readonly (readonly Written[])[]): NamedDocument[] {
  return written.map((list, index) => named(list, `policy-${index}`))
}

const permissiveness = { ExplicitDeny: 0, ImplicitDeny: 1, Allow: 2 } as const

describe('evaluate', () => {
  it('a matching Deny always wins', () => {
    fc.assert(
      fc.property(policies, fc.nat(3), requests, (written, at, asked) => {
        const documents = parseAll(written)
        documents.splice(at % (documents.length + 1), 0, named([statement(), statement({ Effect: 'Deny' })], 'deny'))
        assert.equal(evaluate(documents, asked).decision, 'ExplicitDeny')
      }),
    )
  })

  it('adding a Deny never widens, and adding an Allow never narrows', () => {
    fc.assert(
      fc.property(policies, statements, requests, (written, added, asked) => {
        const before = evaluate(parseAll(written), asked).decision
        const after = evaluate(parseAll([...written, [added]]), asked).decision
        if (added.Effect === 'Deny') assert.ok(permissiveness[after] <= permissiveness[before])
        else assert.ok(permissiveness[after] >= permissiveness[before])
      }),
      { numRuns: 500 },
    )
  })

  it('the order of documents and statements, and how they are spread over documents, decide nothing', () => {
    fc.assert(
      fc.property(policies, requests, (written, asked) => {
        const expected = evaluate(parseAll(written), asked).decision
        assert.equal(evaluate(parseAll(written.map((list) => list.toReversed()).toReversed()), asked).decision, expected)
        const flat = written.flat()
        if (flat.length > 0) assert.equal(evaluate(parseAll([flat]), asked).decision, expected)
        assert.equal(evaluate(parseAll(flat.map((single) => [single])), asked).decision, expected)
      }),
      { numRuns: 300 },
    )
  })

  it('explains each statement so that the explanation gives the same decision', () => {
    fc.assert(
      fc.property(policies, requests, (written, asked) => {
        const documents = parseAll(written)
        const { outcome, statements: explained } = explain(documents, asked)
        assert.deepEqual(outcome, evaluate(documents, asked))
        for (const part of explained)
          assert.equal(part.matched, part.action && part.resource && part.conditions.every((condition) => condition.matched))
        const matched = explained.filter((part) => part.matched)
        const decisive = matched.find(({ effect }) => effect === 'Deny') ?? matched[0]
        assert.equal(outcome.decision, decisive === undefined ? 'ImplicitDeny' : decisive.effect === 'Deny' ? 'ExplicitDeny' : 'Allow')
        if (outcome.decision !== 'ImplicitDeny' && decisive !== undefined)
          assert.deepEqual(outcome.statement, { policy: decisive.policy, version: decisive.version, index: decisive.index })
      }),
      { numRuns: 300 },
    )
  })

  it('a Not… form matches exactly what the plain form does not', () => {
    fc.assert(
      fc.property(
        fc.array(actionText, { minLength: 1 }),
        fc.array(resourceText, { minLength: 1 }),
        requests,
        (actions, resources, asked) => {
          const allows = (given: Record<string, unknown>) => evaluate([named([statement(given)])], asked).decision === 'Allow'
          assert.notEqual(allows({ Action: actions }), allows({ NotAction: actions }))
          assert.notEqual(allows({ Resource: resources }), allows({ NotResource: resources }))
        },
      ),
    )
  })

  it('actions ignore case, on both sides', () => {
    const allows = (written: string, asked: string) =>
      evaluate([named([statement({ Action: written })])], request({ action: asked })).decision === 'Allow'
    assert.ok(allows('YUNDUN-CERT:LIST*', 'yundun-cert:listCsr'))
    assert.ok(allows('*:List*', 'Yundun-Cert:ListCsr'))
    assert.ok(!allows('yundun-cert:Lis', 'yundun-cert:ListCsr'))
  })

  it('names the deciding statement and what of each statement matched', () => {
    const documents = [
      named([statement({ Action: 'oss:*' }), statement()], 'first'),
      named(
        [
          statement({
            Effect: 'Deny',
            Condition: { StringEquals: { 'acs:RequestTag/team': 'a' }, Bool: { 'acs:SecureTransport': 'true' } },
          }),
        ],
        'second',
      ),
    ]
    assert.deepEqual(evaluate(documents, request()), { decision: 'Allow', statement: { policy: 'first', version: 'v1', index: 1 } })
    const asked = request({ context: { 'acs:RequestTag/team': 'a', 'acs:SecureTransport': 'false' } })
    assert.deepEqual(explain(documents, asked).statements.at(2), {
      policy: 'second',
      version: 'v1',
      index: 0,
      effect: 'Deny',
      matched: false,
      action: true,
      resource: true,
      conditions: [
        { operator: 'StringEquals', key: 'acs:RequestTag/team', matched: true },
        { operator: 'Bool', key: 'acs:SecureTransport', matched: false },
      ],
    })
    assert.deepEqual(evaluate(documents, { ...asked, context: { 'acs:RequestTag/team': 'a', 'acs:SecureTransport': 'true' } }), {
      decision: 'ExplicitDeny',
      statement: { policy: 'second', version: 'v1', index: 0 },
    })
  })
})

describe('resources', () => {
  const own = `acs:yundun-cert:*:${account}:certificate/1`
  const cases: readonly (readonly [written: string, asked: string, allowed: boolean])[] = [
    ['*', own, true],
    [`acs:yundun-cert:*:${account}:certificate/1`, own, true],
    [`acs:yundun-cert::${account}:certificate/1`, own, true],
    [`acs:yundun-cert:*:${account}:certificate/1`, `acs:yundun-cert::${account}:certificate/1`, true],
    [`acs:yundun-cert:cn-hangzhou:${account}:certificate/1`, own, false],
    [`acs:yundun-cert:*:${account}:certificate/?`, own, true],
    [`acs:yundun-cert:*:${account}:order/*`, own, false],
    [`acs:yundun-cert:*:${account}:Certificate/1`, own, false],
    [`acs:*:*:*:*`, own, true],
    ['acs:oss:*:*:*', own, false],
    ['acs:yundun-cert:*:9999999999999999:*', own, false],
    // Whole-service operations are not covered by one object.
    [own, `acs:yundun-cert:*:${account}:*`, false],
    // A part never reaches over a colon into the next.
    [`acs:yundun-cert:*:${account}:*`, `acs:yundun-cert:*:9999999999999999:x:${account}:y`, false],
    [`acs:yundun-cert:*:${account}:x:*`, `acs:yundun-cert:*:${account}:x:y:z`, true],
  ]
  for (const [written, asked, allowed] of cases) {
    it(`${written} ${allowed ? 'covers' : 'does not cover'} ${asked}`, () => {
      assert.equal(evaluate([named([statement({ Resource: written })])], request({ resource: asked })).decision === 'Allow', allowed)
    })
  }

  it('a request for something that is no ARN is a bug, not a decision', () => {
    for (const resource of ['*', '', 'acs:yundun-cert:*:1', 'arn:yundun-cert:*:1:*']) {
      assert.throws(() => evaluate([named([statement()])], request({ resource })), /must be an ARN/)
    }
  })
})
