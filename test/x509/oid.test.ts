import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DerError } from '../../src/x509/der-error.ts'
import { readDer } from '../../src/x509/der-reader.ts'
import { encodeOid, readOid } from '../../src/x509/oid.ts'

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

test('known identifiers have their known octets (X.690 8.19)', () => {
  assert.equal(hex(encodeOid('1.2.840.113549.1.1.11')), '06092a864886f70d01010b')
  assert.equal(hex(encodeOid('2.5.29.17')), '0603551d11')
  assert.equal(hex(encodeOid('2.999.3')), '0603883703')
  assert.equal(hex(encodeOid('0.0')), '060100')
  // The example of X.667: a UUID as one arc.
  assert.equal(readOid(readDer(encodeOid('2.25.329800735698586629295641978511506172918'))), '2.25.329800735698586629295641978511506172918')
})

test('every identifier is read back as written', () => {
  const arcs = fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { maxLength: 5 })
  const starts = fc.oneof(fc.tuple(fc.nat(1), fc.nat(39)), fc.tuple(fc.constant(2), fc.nat(100_000)))
  fc.assert(
    fc.property(starts, arcs, (start, rest) => {
      const dotted = [...start, ...rest].join('.')
      assert.equal(readOid(readDer(encodeOid(dotted))), dotted)
    }),
  )
})

test('malformed dotted forms are refused', () => {
  for (const bad of ['', '1', '3.1', '1.40', '0.40', '1.2.', '1..2', '1.02', '1.-2', '1.2.x', ' 1.2']) {
    assert.throws(() => encodeOid(bad), /not an object identifier/, bad)
  }
})

test('identifiers that are empty, cut short, not minimal or endless are refused', () => {
  for (const bad of ['0600', '060180', '06022a80', '06032a8001', '0602802a', `068182${'2a'.repeat(130)}`]) {
    assert.throws(() => readOid(readDer(Buffer.from(bad, 'hex'))), DerError, bad)
  }
})
