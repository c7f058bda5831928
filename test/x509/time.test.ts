import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DerError } from '../../src/x509/der-error.ts'
import { readDer } from '../../src/x509/der-reader.ts'
import { encodeTlv, tags } from '../../src/x509/der-writer.ts'
import { encodeTime, readTime } from '../../src/x509/time.ts'

const text = (der: Uint8Array): string => `${der[0]} ${Buffer.from(der.subarray(2)).toString('latin1')}`

test('UTCTime serves through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5)', () => {
  assert.equal(text(encodeTime(Date.UTC(2049, 11, 31, 23, 59, 59, 999))), `${tags.utcTime} 491231235959Z`)
  assert.equal(text(encodeTime(Date.UTC(2050, 0, 1))), `${tags.generalizedTime} 20500101000000Z`)
  assert.equal(text(encodeTime(Date.UTC(1950, 0, 1))), `${tags.utcTime} 500101000000Z`)
  assert.equal(text(encodeTime(Date.UTC(9999, 11, 31, 23, 59, 59))), `${tags.generalizedTime} 99991231235959Z`)
})

test('times outside 1950 to 9999 are refused by the writer', () => {
  for (const bad of [Date.UTC(1949, 11, 31), Date.UTC(10_000, 0, 1), Number.NaN, Infinity]) {
    assert.throws(() => encodeTime(bad), /not a time/)
  }
})

test('every second is read back as written', () => {
  const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 })
  fc.assert(fc.property(seconds, (second) => assert.equal(readTime(readDer(encodeTime(second * 1000))), second * 1000)))
})

test('malformed, impossible and wrongly typed times are refused (RFC 5280 4.1.2.5)', () => {
  const bad: readonly [number, string][] = [
    [tags.utcTime, '4912312359Z'],
    [tags.utcTime, '491231235959+0000'],
    [tags.utcTime, '491231235960Z'],
    [tags.utcTime, '490230000000Z'],
    [tags.utcTime, '491301000000Z'],
    [tags.utcTime, '490101240000Z'],
    [tags.generalizedTime, '20491231235959Z'],
    [tags.generalizedTime, '20500101000000.5Z'],
    [tags.generalizedTime, '500101000000Z'],
    [tags.ia5String, '491231235959Z'],
  ]
  for (const [tag, digits] of bad) {
    assert.throws(() => readTime(readDer(encodeTlv(tag, Buffer.from(digits)))), DerError, digits)
  }
})
