// What permission costs: `node bench/authorize.ts`. A decision by 1,000 statements, and its share of a request's CPU. In the process, no server.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hrtime } from 'node:process'
import { decideLayers } from '../src/ram/policy/layers.ts'
import { parsePolicyDocument } from '../src/ram/policy/parse-policy.ts'
import { createCallLimits } from '../src/ram/call-limits.ts'
import type { Action } from '../src/gateway/action.ts'
import type { Caller } from '../src/gateway/caller.ts'

const ROUNDS = 20_000
const account = 1234567890123456
const request = {
  action: 'yundun-cert:DescribeCertificateState',
  resource: `acs:yundun-cert:*:${account}:order/10000001`,
  context: { 'acs:SourceIp': '203.0.113.9', 'acs:SecureTransport': 'true', 'acs:CurrentTime': '2026-01-15T08:00:00Z' },
}

function layersOf(statements: number) {
  const list = Array.from({ length: statements }, (_, index) => ({
    Effect: 'Allow',
    Action: [`yundun-cert:List${index}*`],
    Resource: '*',
  }))
  const last = { Effect: 'Allow', Action: 'yundun-cert:Describe*', Resource: '*' }
  const documents = []
  for (let start = 0; start < statements; start += 100) {
    const text = JSON.stringify({ Version: '1', Statement: list.slice(start, start + 100) })
    documents.push({
      name: `p${start}`,
      version: 'v1',
      document: parsePolicyDocument(text, { setOperators: false, mostCharacters: 100_000 }),
    })
  }
  const text = JSON.stringify({ Version: '1', Statement: [last] })
  documents.push({ name: 'last', version: 'v1', document: parsePolicyDocument(text, { setOperators: false }) })
  return { identity: documents }
}

function measure(name: string, work: () => void, rounds = ROUNDS): void {
  for (let round = 0; round < rounds / 4; round++) work()
  const started = hrtime.bigint()
  for (let round = 0; round < rounds; round++) work()
  const us = Number(hrtime.bigint() - started) / 1000 / rounds
  console.log(`${name.padEnd(52)} ${us.toFixed(2).padStart(8)} µs`)
}

for (const statements of [1, 20, 1_000]) {
  const layers = layersOf(statements)
  measure(`a decision by ${statements} statements`, () => void decideLayers(layers, request), statements > 100 ? 2_000 : ROUNDS)
}
const limits = createCallLimits({
  perSecond: 1e9,
  rates: new Map(),
  failuresPerMinute: 600,
  share: () => 1,
  clock: () => performance.now(),
})
const caller: Caller = { accountId: account, principal: '', accessKeyId: '', identity: { kind: 'user', userId: 1, userName: 'a' } }
const action = { name: 'DescribeCertificateState' } as Action
measure('a call counted by its limit', () => void limits.admit(caller, action, '192.0.2.1'), 500_000)
measure('a source looked at', () => void limits.admitAddress('192.0.2.1'), 500_000)

const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
try {
  const { measureRequests } = await import('./authorize-requests.ts')
  await measureRequests(folder)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
