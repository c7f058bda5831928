import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePolicyDocument } from '../../../src/ram/policy/parse-policy.ts'
import { Problem } from '../../../src/problem.ts'
import { documentText, statement } from './documents.ts'

function refusalOf(text: string, options: { setOperators?: boolean; kind?: 'identity' | 'trust' } = {}): string {
  const { setOperators = false, kind = 'identity' } = options
  try {
    if (kind === 'trust') parsePolicyDocument(text, { setOperators, kind })
    else parsePolicyDocument(text, { setOperators, kind })
  } catch (error) {
    assert.ok(error instanceof Problem, `a bug: ${String(error)}`)
    assert.equal(error.code, 'MalformedPolicyDocument')
    assert.equal(error.status, 400)
    return error.params['rule'] ?? ''
  }
  return 'accepted'
}

const one = (given: Record<string, unknown>) => documentText([statement(given)])
const conditioned = (condition: unknown) => one({ Condition: condition })
const trust = (given: Record<string, unknown>) =>
  documentText([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: 'acs:ram::1234567890123456:root' }, ...given }])
const written = JSON.stringify(statement())

const bad: readonly (readonly [what: string, text: string, rule: RegExp])[] = [
  ['nothing', '', /^The document is not JSON\.$/],
  ['text that is no JSON', '{"Version":"1",}', /^The document is not JSON\.$/],
  ['a list', '[]', /^The document must be an object\.$/],
  ['null', 'null', /^The document must be an object\.$/],
  ['more than 6,144 characters', one({}).padEnd(6145), /^The document is longer than 6144 characters\.$/],
  ['an unknown member', `{"Version":"1","Id":"x","Statement":[${written}]}`, /^\/Id is not known; there may be Version, Statement\.$/],
  ['a repeated member', `{"Version":"1","Version":"1","Statement":[${written}]}`, /^\/Version stands twice/],
  [
    'a member repeated in another spelling, deep inside',
    `{"Version":"1","Statement":[${written},{"Effect":"Deny","Action":["*",{"a":1}],"Condition":{"StringEquals":{"x:a":"}","x:\\u0061":"["}}}]}`,
    /^\/Statement\/1\/Condition\/StringEquals\/x:a stands twice/,
  ],
  ['no version', `{"Statement":[${written}]}`, /^\/Version must be the text "1"\.$/],
  ['a number as version', `{"Version":1,"Statement":[${written}]}`, /^\/Version must be/],
  ['the version of another cloud', `{"Version":"2012-10-17","Statement":[${written}]}`, /^\/Version must be/],
  ['no statement', '{"Version":"1"}', /^\/Statement must be a list/],
  ['an empty list of statements', '{"Version":"1","Statement":[]}', /^\/Statement must be a list of one or more/],
  ['a statement outside a list', `{"Version":"1","Statement":${written}}`, /^\/Statement must be a list/],
  ['a text as statement', '{"Version":"1","Statement":["x"]}', /^\/Statement\/0 must be an object\.$/],
  ['101 statements', documentText(Array.from({ length: 101 }, () => statement())), /^\/Statement must hold at most 100/],
  ['an unknown member of a statement', one({ Sid: 'x' }), /^\/Statement\/0\/Sid is not known/],
  ['a member named as what objects inherit', one({ constructor: 'x' }), /^\/Statement\/0\/constructor is not known/],
  ['a member named __proto__', `{"Version":"1","Statement":[{"__proto__":{"Effect":"Allow"}}]}`, /^\/Statement\/0\/__proto__ is not known/],
  ['a pointer with a slash in it', one({ 'a/b~c': 1 }), /^\/Statement\/0\/a~1b~0c is not known/],
  ['no effect', '{"Version":"1","Statement":[{"Action":"*","Resource":"*"}]}', /^\/Statement\/0\/Effect must be Allow or Deny/],
  ['an effect in lower case', one({ Effect: 'allow' }), /^\/Statement\/0\/Effect must be/],
  ['a list of effects', one({ Effect: ['Allow'] }), /^\/Statement\/0\/Effect must be/],
  ['no action', '{"Version":"1","Statement":[{"Effect":"Allow","Resource":"*"}]}', /exactly one of Action and NotAction/],
  ['Action and NotAction', one({ Action: '*', NotAction: 'oss:*' }), /^\/Statement\/0 must have exactly one of Action and NotAction\.$/],
  ['an empty list of actions', one({ Action: [] }), /^\/Statement\/0\/Action must not be an empty list\.$/],
  ['an empty action', one({ Action: ['*', ''] }), /^\/Statement\/0\/Action\/1 must not be empty\.$/],
  ['a number as action', one({ Action: 1 }), /^\/Statement\/0\/Action must be a text\.$/],
  ['null as action', one({ Action: null }), /^\/Statement\/0\/Action must be a text\.$/],
  ['a list in the list of actions', one({ Action: [['*']] }), /^\/Statement\/0\/Action\/0 must be a text\.$/],
  ['an action without a service', one({ Action: 'ListCsr' }), /^\/Statement\/0\/Action must be \* or an action/],
  ['an action with two colons', one({ Action: 'ram:List:Users' }), /must be \* or an action/],
  ['an action with a space', one({ NotAction: ['yundun-cert: ListCsr'] }), /^\/Statement\/0\/NotAction\/0 must be \* or an action/],
  ['an action with a letter that lower case changes', one({ Action: 'yundun-cert:Lİst' }), /must be \* or an action/],
  ['no resource', '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*"}]}', /exactly one of Resource and NotResource/],
  ['Resource and NotResource', one({ Resource: '*', NotResource: '*' }), /exactly one of Resource and NotResource/],
  ['a resource of another cloud', one({ Resource: 'arn:aws:s3:::b' }), /^\/Statement\/0\/Resource must be \* or an ARN/],
  ['a resource that ends early', one({ Resource: ['*', 'acs:oss:*'] }), /^\/Statement\/0\/Resource\/1 must be \* or an ARN/],
  ['an empty resource within the service', one({ Resource: 'acs:oss:*:*:' }), /must be \* or an ARN/],
  [
    'a resource that is too long',
    one({ Resource: `acs:oss:*:*:${'x'.repeat(2048)}` }),
    /^\/Statement\/0\/Resource is longer than 2048 characters: acs:/,
  ],
  ['401 values', one({ Action: Array.from({ length: 401 }, () => 'a:b') }), /^\/Statement\/0\/Action must hold at most 400 values\.$/],
  ['a principal', one({ Principal: '*' }), /^\/Statement\/0\/Principal is not known/],
  ['null as condition', conditioned(null), /^\/Statement\/0\/Condition must be an object\.$/],
  ['a list as condition', conditioned([]), /^\/Statement\/0\/Condition must be an object\.$/],
  [
    'an unknown operator',
    conditioned({ StringMatches: { 'x:a': '1' } }),
    /^\/Statement\/0\/Condition\/StringMatches is not a condition operator/,
  ],
  ['an operator in another case', conditioned({ stringEquals: { 'x:a': '1' } }), /stringEquals is not a condition operator/],
  ['an operator named as what objects inherit', conditioned({ constructor: { 'x:a': '1' } }), /constructor is not a condition operator/],
  ['an operator without keys', conditioned({ StringEquals: {} }), /^\/Statement\/0\/Condition\/StringEquals must name a condition key\.$/],
  ['an operator over a text', conditioned({ StringEquals: 'x' }), /StringEquals must be an object\.$/],
  ['a key without a service', conditioned({ StringEquals: { SourceIp: 'x' } }), /StringEquals\/SourceIp is not a condition key/],
  ['a tag key without the tag', conditioned({ StringEquals: { 'acs:RequestTag': 'x' } }), /acs:RequestTag needs the key of the tag/],
  ['a condition without values', conditioned({ StringEquals: { 'x:a': [] } }), /x:a must not be an empty list\.$/],
  ['null as value', conditioned({ StringEquals: { 'x:a': [null] } }), /x:a\/0 must be a text, a number or a boolean\.$/],
  ['an object as value', conditioned({ StringEquals: { 'x:a': {} } }), /x:a must be a text, a number or a boolean\.$/],
  [
    'a literal that loses digits',
    conditioned({ StringEquals: { 'x:a': 1 } }).replace('":1}', '":9007199254740993}'),
    /x:a is a number of 2\^53 or more/,
  ],
  [
    'a literal beyond all numbers',
    conditioned({ StringEquals: { 'x:a': 1 } }).replace('":1}', '":1e999}'),
    /x:a is a number of 2\^53 or more/,
  ],
  ['a word as number', conditioned({ NumericEquals: { 'x:a': 'ten' } }), /x:a holds "ten" where it must hold a number below 2\^53\.$/],
  ['an exponent as number', conditioned({ NumericEquals: { 'x:a': '1e3' } }), /must hold a number/],
  ['a number of 2^53', conditioned({ NumericLessThan: { 'x:a': ['1', '9007199254740992'] } }), /must hold a number below 2\^53/],
  ['a time without an offset', conditioned({ DateLessThan: { 'acs:CurrentTime': '2026-01-15T08:00:00' } }), /must hold a time of ISO 8601/],
  ['a day that does not exist', conditioned({ DateLessThan: { 'acs:CurrentTime': '2026-02-30T08:00:00Z' } }), /must hold a time/],
  ['an hour that does not exist', conditioned({ DateEquals: { 'acs:CurrentTime': '2026-02-20T24:00:00Z' } }), /must hold a time/],
  ['a minute that does not exist', conditioned({ DateEquals: { 'acs:CurrentTime': '2026-02-20T23:60:00Z' } }), /must hold a time/],
  ['an offset that does not exist', conditioned({ DateEquals: { 'acs:CurrentTime': '2026-02-20T23:00:00+24:00' } }), /must hold a time/],
  ['a word as boolean', conditioned({ Bool: { 'acs:SecureTransport': 'yes' } }), /must hold true or false\.$/],
  ['a boolean in capitals', conditioned({ Bool: { 'acs:SecureTransport': 'True' } }), /must hold true or false\.$/],
  [
    'an address with a leading zero',
    conditioned({ IpAddress: { 'acs:SourceIp': '10.0.0.01' } }),
    /must hold an IP address or a CIDR block\.$/,
  ],
  ['an address with a zone', conditioned({ IpAddress: { 'acs:SourceIp': 'fe80::1%eth0' } }), /must hold an IP address/],
  ['a prefix that is too long', conditioned({ IpAddress: { 'acs:SourceIp': '10.0.0.0/33' } }), /must hold an IP address/],
  ['an IPv6 prefix that is too long', conditioned({ NotIpAddress: { 'acs:SourceIp': '2001:db8::/129' } }), /must hold an IP address/],
  ['an empty prefix', conditioned({ IpAddress: { 'acs:SourceIp': '10.0.0.0/' } }), /must hold an IP address/],
  ['two prefixes', conditioned({ IpAddress: { 'acs:SourceIp': '10.0.0.0/8/8' } }), /must hold an IP address/],
  [
    '51 conditions',
    conditioned({ StringEquals: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x:k${index}`, '1'])) }),
    /^\/Statement\/0\/Condition must hold at most 50 conditions\.$/,
  ],
]

const badTrust: readonly (readonly [what: string, text: string, rule: RegExp])[] = [
  ['no principal', trust({ Principal: undefined }), /^\/Statement\/0 must have a Principal\.$/],
  ['everybody', trust({ Principal: '*' }), /^\/Statement\/0\/Principal must be an object\.$/],
  ['an empty principal', trust({ Principal: {} }), /^\/Statement\/0\/Principal must name RAM, Service or Federated\.$/],
  ['a principal of another cloud', trust({ Principal: { AWS: '*' } }), /^\/Statement\/0\/Principal\/AWS is not known/],
  ['an empty list of principals', trust({ Principal: { RAM: [] } }), /RAM must not be an empty list/],
  [
    'a wildcard',
    trust({ Principal: { RAM: ['acs:ram::1234567890123456:root', '*'] } }),
    /^\/Statement\/0\/Principal\/RAM\/1 must be the ARN of an account/,
  ],
  ['a wildcard user', trust({ Principal: { RAM: 'acs:ram::1234567890123456:user/*' } }), /Principal\/RAM must be the ARN/],
  ['any account', trust({ Principal: { RAM: 'acs:ram::*:root' } }), /Principal\/RAM must be the ARN/],
  ['a group', trust({ Principal: { RAM: 'acs:ram::1234567890123456:group/g' } }), /Principal\/RAM must be the ARN/],
  ['a service elsewhere', trust({ Principal: { Service: 'cas.example.com' } }), /Principal\/Service must be the name of a service/],
  [
    'a provider that is none',
    trust({ Principal: { Federated: 'acs:ram::1234567890123456:user/x' } }),
    /Federated must be the ARN of an identity provider/,
  ],
  ['a resource', trust({ Resource: '*' }), /^\/Statement\/0\/Resource is not known/],
]

describe('parsePolicyDocument', () => {
  for (const [what, text, rule] of bad) it(`refuses ${what}, saying where and why`, () => assert.match(refusalOf(text), rule))
  for (const [what, text, rule] of badTrust)
    it(`refuses ${what} in a trust policy`, () => assert.match(refusalOf(text, { kind: 'trust' }), rule))

  for (const operator of [
    'StringEqualsIfExists',
    'ForAnyValue:StringLike',
    'ForAllValues:StringLike',
    'ForAllValues:NumericEqualsIfExists',
    'Null',
  ]) {
    it(`takes ${operator} only where it is switched on`, () => {
      const text = conditioned({ [operator]: { 'x:a': operator === 'Null' ? 'true' : '1' } })
      assert.match(refusalOf(text), /is a condition operator that is not switched on for this account/)
      assert.equal(refusalOf(text, { setOperators: true }), 'accepted')
    })
  }

  for (const operator of [
    'NullIfExists',
    'ForAnyValue:Null',
    'ForAnyValues:StringEquals',
    'ForAnyValue:',
    'IfExists',
    'ForAllValues:ForAnyValue:StringEquals',
  ]) {
    it(`never takes ${operator}`, () => {
      assert.match(refusalOf(conditioned({ [operator]: { 'x:a': 'true' } }), { setOperators: true }), /is not a condition operator/)
    })
  }

  const good: readonly (readonly [what: string, text: string])[] = [
    ['exactly 6,144 characters', one({}).padEnd(6144)],
    ['100 statements', documentText(Array.from({ length: 100 }, () => statement()))],
    ['actions of all services', one({ Action: ['*:List*', 'yundun-*:Get?sr', '**'] })],
    ['a resource of a system policy', one({ Resource: 'acs:ram:*:system:policy/*' })],
    ['an empty condition', conditioned({})],
    ['keys that it does not know', conditioned({ StringEquals: { 'x:Count': '1', 'oidc:sub': 'a', 'acs:ResourceTag/a b/ü': 'c' } })],
    [
      'numbers and booleans as values',
      conditioned({ NumericEquals: { 'x:a': [1, -2.5] }, Bool: { 'x:b': true }, StringEquals: { 'x:c': false } }),
    ],
    [
      'equal names in different objects',
      documentText([statement(), statement({ Condition: { StringEquals: { 'x:a': '1' }, StringLike: { 'x:a': '1' } } })]),
    ],
  ]
  for (const [what, text] of good) it(`takes ${what}`, () => assert.equal(refusalOf(text), 'accepted'))

  it('takes trust policies with all kinds of principals', () => {
    const account = 'acs:ram::1234567890123456'
    const principal = {
      RAM: [`${account}:root`, `${account}:user/alice@example.com`, `${account}:role/issuer`],
      Service: 'cas.aliyuncs.com',
      Federated: [`${account}:oidc-provider/ci`, `${account}:saml-provider/idp`],
    }
    assert.equal(
      refusalOf(trust({ Principal: principal, Condition: { StringEquals: { 'oidc:aud': 'sts.aliyuncs.com' } } }), { kind: 'trust' }),
      'accepted',
    )
  })

  it('holds a shorter limit where one is given', () => {
    assert.throws(() => parsePolicyDocument(one({}), { setOperators: false, mostCharacters: 20 }), /longer than 20 characters/)
  })

  it('quotes no more of a long text than is needed to find it', () => {
    assert.ok(refusalOf(one({ ['x'.repeat(3000)]: 1 })).length < 250)
    assert.ok(refusalOf(conditioned({ NumericEquals: { 'x:a': 'y'.repeat(2000) } })).length < 250)
  })
})
