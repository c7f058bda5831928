import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggestWindow } from '../../../src/orders/acme/renewal-window.ts'

const dayMs = 86_400_000
const notBefore = Date.UTC(2026, 10, 24)
const ask = (days: number, changes: { id?: string; revokedAt?: number } = {}) =>
  suggestWindow({ id: 'an.id', notBefore, notAfter: notBefore + days * dayMs, revokedAt: null, ...changes })

test('89. the window begins two thirds into the lifetime, half into a short one, and ends after it begins (RFC 9773 4.2)', () => {
  for (const [days, part] of [
    [90, 2 / 3],
    [11, 2 / 3],
    [10, 1 / 2],
    [6, 1 / 2],
    [1, 1 / 2],
  ] as const) {
    for (let i = 0; i < 50; i += 1) {
      const { start, end } = ask(days, { id: `certificate ${i}` })
      const [from, to] = [start, end].map((at) => (at - notBefore) / (days * dayMs))
      assert(from !== undefined && to !== undefined && from >= part - 1e-4 && from < to && to <= part + 0.04, `${days} days: ${from} ${to}`)
      assert.deepEqual([start % 1000, end % 1000], [0, 0])
    }
  }
})

test('89. certificates of one instant are renewed at different ones, each always at its own', () => {
  const starts = Array.from({ length: 200 }, (_, i) => ask(90, { id: `certificate ${i}` }).start)
  assert(new Set(starts).size > 190)
  assert(Math.max(...starts) - Math.min(...starts) > dayMs)
  assert.deepEqual(ask(90), ask(90))
})

test('89. the window of a revoked certificate is over when it is revoked', () => {
  const revokedAt = notBefore + 5 * dayMs
  const { start, end } = ask(90, { revokedAt })
  assert(start < end && end < revokedAt)
})
