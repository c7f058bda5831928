import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseValidity } from '../../../src/orders/acme/validity.ts'

const now = Date.UTC(2026, 10, 24, 12, 0, 0, 250)
const dayMs = 86_400_000
const latest = now + 60 * dayMs
const text = (ms: number) => new Date(ms).toISOString()
const parse = (given: { notBefore?: unknown; notAfter?: unknown }, validityDays = 90) =>
  parseValidity(given, { code: 'p', validityDays }, now, latest)

test('41. what is not asked for is not decided here; instants are whole seconds (7.4)', () => {
  assert.deepEqual(parse({}), { notBefore: null, notAfter: null })
  const second = Date.UTC(2026, 10, 26)
  assert.deepEqual(parse({ notBefore: '2026-11-26T01:00:00.9+01:00', notAfter: text(second + dayMs) }), {
    notBefore: second,
    notAfter: second + dayMs,
  })
})

test('41. what cannot be kept is refused (7.4)', () => {
  const refused: readonly [Parameters<typeof parse>[0], RegExp][] = [
    [{ notBefore: text(now - 2 * 3_600_000) }, /hour ago/],
    [{ notBefore: text(now + 31 * dayMs) }, /30 days/],
    [{ notAfter: text(now - 1000) }, /ahead/],
    [{ notBefore: text(now + dayMs), notAfter: text(now + dayMs) }, /after notBefore/],
    [{ notAfter: text(now + 91 * dayMs) }, /90 days at most/],
    [{ notAfter: text(latest + 1000) }, /issuing CA/],
    ...['2026-11-26', 'tomorrow', 1_800_000_000, null, '2026-13-26T00:00:00Z'].map(
      (value) => [{ notAfter: value }, /RFC 3339/] as const satisfies [unknown, RegExp],
    ),
  ]
  for (const [given, reason] of refused)
    assert.throws(() => parse(given), { problem: 'acmeMalformed', message: reason }, JSON.stringify(given))
})
