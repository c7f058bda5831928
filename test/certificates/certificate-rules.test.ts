import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertCertificateName, nameKeyOf } from '../../src/certificates/certificate-name.ts'
import { certificateStatus, remainingDays } from '../../src/certificates/certificate-status.ts'
import { hasExpired } from '../../src/orders/order-status.ts'
import { Problem } from '../../src/problem.ts'

const day = 86_400_000

describe('the name of an uploaded certificate', () => {
  for (const name of ['a', 'cert-1', 'my-cert.2026', '证书 一', '*.example.com', 'x'.repeat(63), '😀'.repeat(63), ' a ']) {
    it(`may be ${name}`, () => assertCertificateName(name))
  }
  for (const name of [
    '',
    ' ',
    '\u3000',
    'x'.repeat(64),
    '😀'.repeat(64),
    'a\nb',
    'a\tb',
    '\u0085',
    'cert-10000000',
    'CERT-1234567890123456',
  ]) {
    it(`may not be ${JSON.stringify(name)}`, () => {
      assert.throws(
        () => assertCertificateName(name),
        (error) => error instanceof Problem && error.code === 'InvalidParameter',
      )
    })
  }
  it('is the same in any letter case', () => assert.equal(nameKeyOf('My.Cert'), nameKeyOf('my.cERT')))
})

describe('the status of a certificate', () => {
  const end = Date.UTC(2027, 0, 1)
  for (const [now, revoked_at, status] of [
    [end - 31 * day, null, 'issued'],
    [end - 30 * day - 1, null, 'issued'],
    [end - 30 * day, null, 'willExpire'],
    [end, null, 'willExpire'],
    // The last second belongs to the validity (RFC 5280 section 4.1.2.5).
    [end + 999, null, 'willExpire'],
    [end + 1_000, null, 'expired'],
    [end - 31 * day, 1, 'revoked'],
    [end + day, 1, 'revoked'],
  ] as const) {
    it(`is ${status} ${(now - end) / day} days from its end, revoked: ${revoked_at !== null}`, () => {
      assert.equal(certificateStatus({ revoked_at, not_after: end }, now), status)
      if (revoked_at === null) assert.equal(hasExpired(end, now), status === 'expired')
    })
  }
  it('counts whole days that are left', () => {
    assert.deepEqual(
      [end - 2 * day, end - 2 * day + 1, end, end + day].map((now) => remainingDays(end, now)),
      [2, 1, 0, 0],
    )
  })
})
