import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAriId, parseAriId } from '../../../src/orders/acme/ari-id.ts'

const keyIdentifier = Buffer.from('69885b6b87464041e1b37b847ba0ae2cde01c8d4', 'hex')

test("91. the RFC's certificate has the RFC's identifier, with the zero octet of its serial (RFC 9773 4.1)", () => {
  const text = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE'
  assert.equal(formatAriId({ keyIdentifier, serial: '87654321' }), text)
  assert.deepEqual(parseAriId(text), { keyIdentifier, serial: '87654321' })
})

test('an identifier is read back, whatever the serial begins with', () => {
  for (const serial of ['01', '7f', '80', 'ff', '0100', '7fffffffffffffffffffffffffffffffffffffff', '4a5b6c']) {
    assert.deepEqual(parseAriId(formatAriId({ keyIdentifier, serial })), { keyIdentifier, serial })
  }
})

test('what is no identifier, or another spelling of one, is none', () => {
  const key = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ'
  const refused = ['', '.', key, `${key}.`, `.AIdlQyE`, `${key}.AIdlQyE=`, `${key}=.AIdlQyE`, `${key}.AIdl+yE`, `${key}.AIdlQyE.AIdlQyE`]
  for (const text of [...refused, `${key}.AIdlQyF`, `${key}.h2VDIQ`, `${key}.AAAB`, `${key}.${'A'.repeat(41)}`, `${key}.AIdlQyE\n`]) {
    assert.equal(parseAriId(text), undefined, JSON.stringify(text))
  }
})
