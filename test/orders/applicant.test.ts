import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseApplicant } from '../../src/orders/applicant.ts'

const applicant = { username: 'Tom', phone: '13900001234', email: 'username@example.com' }

describe('an applicant', () => {
  const accepted: Partial<typeof applicant>[] = [
    applicant,
    { username: 'T' },
    { username: '张'.repeat(64) },
    { username: '😀'.repeat(64) },
    { phone: '12345' },
    { phone: '+49 (30) 123-456' },
    { phone: '1'.repeat(32) },
    { email: 'a@b.co' },
    { email: "first.o'last+tag@mail.example.org" },
    { email: 'post@bücher.example' },
    { email: `${'a'.repeat(64)}@example.com` },
    { email: `a@${'b.'.repeat(124)}comx` },
  ]
  for (const part of accepted) {
    it(`is accepted with ${JSON.stringify(part).slice(0, 60)}`, () => {
      assert.deepEqual(parseApplicant({ ...applicant, ...part }), { ...applicant, ...part })
    })
  }

  it('loses blanks at the ends of each field', () => {
    assert.deepEqual(parseApplicant({ username: ' Tom ', phone: ' 13900001234', email: 'username@example.com\n' }), applicant)
  })

  const wireNames = { username: 'Username', phone: 'Phone', email: 'Email' } as const
  for (const field of ['username', 'phone', 'email'] as const) {
    it(`needs ${wireNames[field]}; an empty text counts as absent`, () => {
      for (const text of [undefined, '', ' \t']) {
        assert.throws(() => parseApplicant({ ...applicant, [field]: text }), { code: `Missing${wireNames[field]}`, status: 400 })
      }
    })
  }

  const refused: [field: keyof typeof applicant, ...texts: string[]][] = [
    ['username', 'x'.repeat(65), 'a\nb', 'a\0', 'a\u202eb', 'a\u2028b', '\ud800'],
    ['phone', '1234', '1'.repeat(33), '123a5', '++---', '12345\n6', '１２３４５６'],
    ['email', 'tom', 'tom@', '@example.com', 'tom@localhost', 'a@b@', 'a b@example.com', 'a@exa mple.com', '.a@example.com'],
    ['email', 'a..b@example.com', 'a.@example.com', 'a@example..com', 'a@-x.com', 'a@x_y.com', 'a@[192.0.2.1]', 'a@192.0.2.1'],
    ['email', '<a@example.com>', 'Tom <a@example.com>', 'a@example.com,b@example.com', 'a\r\nBcc: x@example.com', '"a b"@example.com'],
    ['email', `${'a'.repeat(65)}@example.com`, `a@${'b.'.repeat(124)}comxy`, 'a@example.com.'],
  ]
  for (const [field, ...texts] of refused) {
    for (const text of texts) {
      it(`is refused with ${field} ${JSON.stringify(text).slice(0, 40)}`, () => {
        assert.throws(
          () => parseApplicant({ ...applicant, [field]: text }),
          (error: { problem?: string; params?: { P: string } }) => {
            assert.equal(error.problem, 'invalidParameter')
            assert.equal(error.params?.P, wireNames[field])
            return true
          },
        )
      })
    }
  }
})
