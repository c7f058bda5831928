import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DerError } from '../../src/x509/der-error.ts'
import { decodeOnlyPem, decodePem, encodePem } from '../../src/x509/pem.ts'

test('PEM has lines of 64 columns, LF only, no blanks at line ends (RFC 7468 2)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (der) => {
      const pem = encodePem('CERTIFICATE', der)
      const lines = pem.split('\n')
      assert.equal(lines.at(-1), '')
      assert.ok(lines.slice(1, -3).every((line) => line.length === 64))
      assert.ok(lines.every((line) => line.length <= 64 && line.trim() === line))
      assert.equal(Buffer.compare(decodeOnlyPem(pem, 'CERTIFICATE'), der), 0)
    }),
  )
})

test('a chain is read block by block, with text between, CRLF, blanks and any line length', () => {
  const text = `Subject: nobody\r\n  -----BEGIN CERTIFICATE-----  \r\nAAEC\r\nAwQF \r\n-----END CERTIFICATE-----\r\n\r\n-----BEGIN X-----\nBg==\n-----END X-----`
  assert.deepEqual(
    decodePem(text).map(({ label, der }) => [label, Buffer.from(der).toString('hex')]),
    [
      ['CERTIFICATE', '000102030405'],
      ['X', '06'],
    ],
  )
})

const refused: readonly [string, string][] = [
  ['no block', 'AAEC'],
  ['a block without an end', '-----BEGIN X-----\nAAEC\n'],
  ['an end of another label', '-----BEGIN X-----\nAAEC\n-----END Y-----\n'],
  ['an empty block', '-----BEGIN X-----\n-----END X-----\n'],
  ['missing padding', '-----BEGIN X-----\nAA\n-----END X-----\n'],
  ['stray bits before the padding', '-----BEGIN X-----\nAB==\n-----END X-----\n'],
  ['characters outside Base64', '-----BEGIN X-----\nAA_C\n-----END X-----\n'],
  ['headers of an encrypted key (RFC 1421)', '-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAEC\n-----END X-----\n'],
]
for (const [what, text] of refused) {
  test(`PEM with ${what} is refused`, () => {
    assert.throws(() => decodePem(text), DerError)
  })
}

test('more than one block, or one of another label, is refused where one is asked for', () => {
  const pem = encodePem('X', Uint8Array.of(1))
  assert.throws(() => decodeOnlyPem(pem + pem, 'X'), DerError)
  assert.throws(() => decodeOnlyPem(pem, 'Y'), DerError)
})
