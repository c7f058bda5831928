import assert from 'node:assert/strict'
import { it } from 'node:test'
import { reverseName } from '../../../src/validation/net/reverse-name.ts'

it('an address has a name in the reverse tree (86: RFC 8738 section 6)', () => {
  assert.equal(reverseName(Uint8Array.of(192, 0, 2, 1)), '1.2.0.192.in-addr.arpa')
  assert.equal(
    reverseName(Buffer.from('20010db8000000000000000000000001', 'hex')),
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  )
})
