import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { makeValidationToken } from '../../src/validation/token.ts'

const now = Date.UTC(2026, 3, 20, 23, 59, 59, 999)

it('a validation token is the UTC date, seven zeros and 49 letters and digits, as the original makes it', () => {
  assert.match(makeValidationToken(now, randomBytes), /^202604200000000[a-z0-9]{49}$/)
})

it('a validation token uses all 36 characters evenly, for more than 112 bits (BR 1.6.1)', () => {
  const counts = new Map<string, number>()
  for (let i = 0; i < 2000; i += 1) {
    for (const character of makeValidationToken(now, randomBytes).slice(15)) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  assert.equal(counts.size, 36)
  // 98,000 draws: 2,722 each, standard deviation 51.5; six of them on either side.
  for (const [character, count] of counts) assert.ok(Math.abs(count - 2722) < 310, `${character}: ${count}`)
})

it('a validation token throws away the octets that would favour some characters', () => {
  const draws = [Uint8Array.from({ length: 49 }, () => 252), Uint8Array.from({ length: 49 }, (_, i) => i)]
  assert.equal(
    makeValidationToken(now, () => draws.shift() ?? new Uint8Array(49)).slice(15),
    'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm',
  )
})
