import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatIpAddress, parseIpAddress } from '../../src/x509/ip-address.ts'

test('addresses are written as in RFC 5952 section 4 and read back', () => {
  const spelled: readonly [string, string][] = [
    ['c0000201', '192.0.2.1'],
    ['00000000', '0.0.0.0'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000100000000000000000000', '2001:db8:1::'],
    ['0000000000000000ffffc0000201abcd', '::ffff:c000:201:abcd'],
  ]
  for (const [hex, text] of spelled) {
    assert.equal(formatIpAddress(Buffer.from(hex, 'hex')), text)
    assert.equal(Buffer.from(parseIpAddress(text) ?? []).toString('hex'), hex)
  }
})

test('every address has one spelling: the one of the URL standard', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets, mask) => {
      // Runs of zeros are rare by themselves.
      const address = octets.map((octet, i) => ((mask[i >> 1] ?? 0) & 1 ? octet : 0))
      const text = formatIpAddress(address)
      assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`)
      assert.deepEqual(parseIpAddress(text), address)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
      assert.deepEqual(parseIpAddress(formatIpAddress(octets)), octets)
    }),
  )
})

test('other spellings and other texts are no address, and nothing throws', () => {
  const others = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '0x1.2.3.4',
    '1.2.3.4 ',
    '2001:DB8::1',
    '2001:db8:0::1',
    '2001:0db8::1',
    '1::2::3',
  ]
  for (const text of [
    ...others,
    ':::',
    ':',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    '::g',
  ]) {
    assert.equal(parseIpAddress(text), undefined, text)
  }
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f:.]{0,24}$/), (text) => {
      if (parseIpAddress(text) !== undefined) assert.notEqual(isIP(text), 0)
    }),
  )
})
