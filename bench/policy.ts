// Evaluates 1,000 statements per request, and prints microseconds: `node bench/policy.ts`. No server, no disk.
import { hrtime } from 'node:process'
import { evaluate, type NamedDocument, type PolicyRequest } from '../src/ram/policy/evaluate.ts'
import { parsePolicyDocument } from '../src/ram/policy/parse-policy.ts'

const STATEMENTS = 1000
const STATEMENTS_PER_DOCUMENT = 20
const ROUNDS = 2000

const account = 1234567890123456
const asked: PolicyRequest = {
  action: 'yundun-cert:CreateCertificateRequest',
  resource: `acs:yundun-cert:*:${account}:order/123456789`,
  context: {
    'acs:SourceIp': '203.0.113.9',
    'acs:SecureTransport': 'true',
    'acs:CurrentTime': '2026-01-15T08:00:00Z',
    'acs:RequestTag/team': 'web',
    'yundun-cert:Domain': ['www.team.example.com', 'api.team.example.com'],
    'yundun-cert:ProductCode': 'digicert-free-1-free',
  },
}

/** None of them decides before the last: every statement is looked at. */
const sets: Readonly<Record<string, (index: number) => object>> = {
  'other actions': (index) => ({ Effect: 'Allow', Action: [`yundun-cert:List${index}*`, `oss:*${index}?x*`], Resource: '*' }),
  'other resources': (index) => ({
    Effect: 'Deny',
    Action: 'yundun-cert:*',
    Resource: `acs:yundun-cert:*:${account}:certificate/*${index}*`,
  }),
  'conditions on a name': (index) => ({
    Effect: 'Deny',
    Action: 'yundun-cert:Create*',
    Resource: '*',
    Condition: { StringLike: { 'yundun-cert:Domain': `*.team-${index}.example.*` } },
  }),
  'conditions on address, time and tag': (index) => ({
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      NotIpAddress: { 'acs:SourceIp': ['203.0.112.0/20', `2001:db8:${index.toString(16)}::/48`] },
      DateGreaterThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
      StringEquals: { 'acs:RequestTag/team': 'web' },
    },
  }),
}

for (const [name, write] of Object.entries(sets)) {
  const started = hrtime.bigint()
  const documents = parseAll(Array.from({ length: STATEMENTS }, (_, index) => write(index)))
  const parsed = microsecondsSince(started)
  for (let round = 0; round < ROUNDS / 4; round += 1) evaluate(documents, asked)
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = hrtime.bigint()
    evaluate(documents, asked)
    return microsecondsSince(begun)
  }).sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(0).padStart(5)
  console.log(
    `${STATEMENTS} statements, ${name.padEnd(36)} median ${at(0.5)} µs   99 % ${at(0.99)} µs   parsing once ${(parsed / 1000).toFixed(1)} ms`,
  )
}

function parseAll(statements: readonly object[]): NamedDocument[] {
  const documents: NamedDocument[] = []
  for (let start = 0; start < statements.length; start += STATEMENTS_PER_DOCUMENT) {
    const text = JSON.stringify({ Version: '1', Statement: statements.slice(start, start + STATEMENTS_PER_DOCUMENT) })
    documents.push({ name: `policy-${start}`, version: 'v1', document: parsePolicyDocument(text, { setOperators: false }) })
  }
  return documents
}

function microsecondsSince(start: bigint): number {
  return Number(hrtime.bigint() - start) / 1000
}
