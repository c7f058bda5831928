import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Binding, SealErrorReason } from '../../src/keys/sealer.ts'
import { createSealer, SealError } from '../../src/keys/sealer.ts'

const masterKey = Uint8Array.from({ length: 32 }, (_, index) => index)
const binding: Binding = { purpose: 'certificateKey', accountId: 1234567890123456, id: '42' }
const plain = Buffer.from('-----a private key-----')
const headLength = 1 + 8 + 12 + 32 + 16 + 12

describe('createSealer', () => {
  const sealer = createSealer(masterKey, randomBytes)

  it('opens what it sealed, of any length', () => {
    for (const length of [0, 1, 15, 16, 17, 1200, 100_000]) {
      const value = randomBytes(length)
      assert.deepEqual(Buffer.from(sealer.open(sealer.seal(value, binding), binding)), value)
    }
  })

  it('opens in another process with the same master key, and does not need the caller to keep the key', () => {
    const sealed = sealer.seal(plain, binding)
    const copy = Uint8Array.from(masterKey)
    const other = createSealer(copy, randomBytes)
    copy.fill(0)
    assert.deepEqual(Buffer.from(other.open(sealed, binding)), plain)
  })

  it('writes version, master key id and 28 octets more for each of the two layers', () => {
    const sealed = Buffer.from(sealer.seal(plain, binding))
    assert.equal(sealed.length, headLength + plain.length + 16)
    assert.equal(sealed[0], 1)
    assert.equal(sealed.subarray(1, 9).toString('hex'), sealer.masterKeyId)
    assert.equal(sealed.includes(plain), false)
  })

  it('opens the blob of version 1 written by the first release', () => {
    const fixed = createSealer(masterKey, countingBytes())
    assert.equal(fixed.masterKeyId, 'adf63f8828ff0fd1')
    assert.equal(Buffer.from(fixed.seal(plain, binding)).toString('base64'), firstBlob)
    assert.deepEqual(Buffer.from(sealer.open(Buffer.from(firstBlob, 'base64'), binding)), plain)
  })

  it('uses a fresh data key and fresh nonces each time', () => {
    const parts = [sealer.seal(plain, binding), sealer.seal(plain, binding)].map((sealed) => Buffer.from(sealed))
    const ranges = { wrapNonce: [9, 21], wrappedKey: [21, 69], nonce: [69, 81], ciphertext: [81, 81 + plain.length] }
    for (const [name, [from, to]] of Object.entries(ranges)) {
      const [first, second] = parts.map((part) => part.subarray(from, to).toString('hex'))
      assert.notEqual(first, second, name)
    }
  })

  it('refuses a blob of which any one octet was changed', () => {
    const sealed = sealer.seal(plain, binding)
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed, (octet, at) => (at === index ? octet ^ 1 : octet))
      const reason = index === 0 ? 'format' : index < 9 ? 'masterKey' : 'authentication'
      refuses(() => sealer.open(changed, binding), reason)
    }
  })

  it('refuses a blob that was cut at any point or that goes on', () => {
    const sealed = sealer.seal(plain, binding)
    for (let length = 0; length < sealed.length; length++) {
      refuses(() => sealer.open(sealed.subarray(0, length), binding), length < headLength + 16 ? 'format' : 'authentication')
    }
    refuses(() => sealer.open(Buffer.concat([sealed, Uint8Array.of(0)]), binding), 'authentication')
  })

  it('refuses a blob that was moved to another purpose, account or id', () => {
    const sealed = sealer.seal(plain, binding)
    const others: Binding[] = [
      { ...binding, purpose: 'issuerKey' },
      { ...binding, accountId: binding.accountId + 1 },
      { ...binding, id: '43' },
      { ...binding, id: '' },
      { ...binding, id: '42\0' },
    ]
    for (const other of others) refuses(() => sealer.open(sealed, other), 'authentication')
  })

  it('refuses a ciphertext under the wrapped key of another blob with the same binding', () => {
    const first = sealer.seal(plain, binding)
    const second = sealer.seal(plain, binding)
    refuses(() => sealer.open(Buffer.concat([first.subarray(0, 69), second.subarray(69)]), binding), 'authentication')
  })

  it('refuses account ids and ids whose encoding would not be unique', () => {
    for (const accountId of [-1, 1.5, Number.NaN, 2 ** 53]) assert.throws(() => sealer.seal(plain, { ...binding, accountId }), RangeError)
    assert.throws(() => sealer.seal(plain, { ...binding, id: '\ud800' }), RangeError)
  })

  it('tells another master key from a changed value', () => {
    const other = createSealer(randomBytes(32), randomBytes)
    assert.notEqual(other.masterKeyId, sealer.masterKeyId)
    refuses(() => other.open(sealer.seal(plain, binding), binding), 'masterKey')
  })

  it('proves by the key check which master key fits', () => {
    const check = sealer.keyCheck()
    assert.equal(createSealer(masterKey, randomBytes).fits(check), true)
    assert.equal(createSealer(masterKey, randomBytes).keyCheck(), check)
    assert.equal(createSealer(randomBytes(32), randomBytes).fits(check), false)
    for (const wrong of ['', check.slice(1), `${check} `, `${check.slice(0, -1)}!`, check.replace(/./u, '2')]) {
      assert.equal(sealer.fits(wrong), false, wrong)
    }
  })

  it('shows nothing of the master key in id and key check', () => {
    assert.match(sealer.masterKeyId, /^[0-9a-f]{16}$/)
    assert.match(sealer.keyCheck(), new RegExp(`^1\\.${sealer.masterKeyId}\\.[\\w-]{43}$`))
    const check = Buffer.from(sealer.keyCheck().split('.')[2] ?? '', 'base64url')
    for (let at = 0; at + 4 <= 32; at++) assert.equal(check.includes(masterKey.subarray(at, at + 4)), false)
  })

  it('wipes the data key after sealing', () => {
    const given: Uint8Array[] = []
    const watched = createSealer(masterKey, (length) => {
      const octets = randomBytes(length)
      given.push(octets)
      return octets
    })
    watched.seal(plain, binding)
    const dataKeys = given.filter((octets) => octets.length === 32)
    assert.deepEqual(
      dataKeys.map((key) => Buffer.from(key).toString('hex')),
      ['00'.repeat(32)],
    )
  })

  it('refuses a master key that does not have 32 octets', () => {
    for (const length of [0, 16, 31, 33]) assert.throws(() => createSealer(randomBytes(length), randomBytes), RangeError)
  })
})

function refuses(open: () => unknown, reason: SealErrorReason): void {
  assert.throws(open, (error) => error instanceof SealError && error.reason === reason && !error.message.includes('private key'))
}

/** 0, 1, 2 ... over all calls, so that a sealed value can be compared with a stored one. */
function countingBytes(): (length: number) => Uint8Array {
  let next = 0
  return (length) => Uint8Array.from({ length }, () => next++)
}

const firstBlob =
  'Aa32P4go/w/RICEiIyQlJicoKSorYr6Gq25pxGCQa+HZo675XzSn4lZtLoUp1B5cOANOk+7LRFrt4lfAOgeKamWeMq2dLC0uLzAxMjM0NTY3f9AIO0/wxLxEoeuHT4ZKc7BzBeFLSAomgchgW3tjZCqBKsi1jEE3'
