import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DerError } from '../../src/x509/der-error.ts'
import { readChildren, readDer, readFields, type DerValue } from '../../src/x509/der-reader.ts'
import {
  readBitStringOctets,
  readBoolean,
  readIntegerOctets,
  readNamedBits,
  readSmallInteger,
  readText,
  readUnsigned,
} from '../../src/x509/der-values.ts'
import {
  contextTag,
  encodeAscii,
  encodeBitString,
  encodeBoolean,
  encodeInteger,
  encodeNamedBits,
  encodeNull,
  encodeOctetString,
  encodePrintableString,
  encodeSequence,
  encodeSetOf,
  encodeTlv,
  encodeUnsigned,
  encodeUtf8String,
  tags,
} from '../../src/x509/der-writer.ts'

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')
const octets = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

type Tree = { tag: number; content: Uint8Array } | { tag: number; members: readonly Tree[] }

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 8 },
    fc.record({ tag: fc.constantFrom(0x02, 0x04, 0x0c, 0x80, 0x86), content: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ tag: fc.constantFrom(0x30, 0x31, 0xa0, 0xa3, 0x61), members: fc.array(tie('tree'), { maxLength: 5 }) }),
  ),
}))

const writeTree = (node: Tree): Uint8Array =>
  'content' in node ? encodeTlv(node.tag, node.content) : encodeTlv(node.tag, ...node.members.map(writeTree))

const assertTree = (value: DerValue, node: Tree): void => {
  assert.equal(value.tag, node.tag)
  if ('content' in node) return assert.equal(hex(value.content), hex(node.content))
  const children = readChildren(value)
  assert.equal(children.length, node.members.length)
  node.members.forEach((member, i) => assertTree(children[i] ?? value, member))
}

test('what the writer writes the reader reads back, member by member', () => {
  fc.assert(fc.property(tree, (node) => assertTree(readDer(writeTree(node)), node)))
})

test('lengths take the fewest octets at every boundary (X.690 10.1)', () => {
  const headers: readonly [number, string][] = [
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_535, '0482ffff'],
    [65_536, '0483010000'],
    [16_777_216, '048401000000'],
  ]
  for (const [length, header] of headers) {
    const der = encodeOctetString(new Uint8Array(length))
    assert.equal(hex(der.subarray(0, header.length / 2)), header)
    assert.equal(readDer(der).content.length, length)
  }
})

test('INTEGER is positive, minimal and read back for every magnitude (X.690 8.3)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (magnitude) => {
      const value = readDer(encodeUnsigned(magnitude))
      const number = BigInt(`0x${hex(magnitude) || '0'}`)
      assert.equal(BigInt(`0x${hex(readUnsigned(value))}`), number)
      assert.ok((value.content[0] ?? 0xff) < 0x80)
      assert.equal(hex(encodeInteger(number)), hex(value.der))
    }),
  )
})

test('small INTEGERs are read as numbers up to 2^53 - 1 and refused above', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (number) => assert.equal(readSmallInteger(readDer(encodeInteger(number))), number)))
  assert.equal(readSmallInteger(readDer(encodeInteger(Number.MAX_SAFE_INTEGER))), Number.MAX_SAFE_INTEGER)
  assert.throws(() => readSmallInteger(readDer(encodeInteger(2n ** 53n))), DerError)
  assert.throws(() => readSmallInteger(readDer(encodeInteger(2n ** 64n))), DerError)
  assert.throws(() => encodeInteger(-1), /whole number/)
  assert.throws(() => encodeInteger(0.5), /whole number/)
})

test('named bits are read back and hold no trailing zero (X.690 11.2.2)', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(8)), (bits) => {
      assert.deepEqual(
        readNamedBits(readDer(encodeNamedBits(bits))),
        bits.toSorted((a, b) => a - b),
      )
    }),
  )
  assert.equal(hex(encodeNamedBits([0])), '03020780')
  assert.equal(hex(encodeNamedBits([0, 2])), '030205a0')
  assert.equal(hex(encodeNamedBits([5, 6])), '03020106')
  assert.equal(hex(encodeNamedBits([8])), '0303070080')
  assert.equal(hex(encodeNamedBits([])), '030100')
})

test('SET OF is sorted by its encodings (X.690 11.6)', () => {
  const [a, b, c] = [encodeInteger(1), encodeInteger(2), encodeOctetString(octets('00'))]
  assert.equal(hex(encodeSetOf(c, b, a)), hex(encodeSetOf(a, b, c)))
  assert.equal(hex(encodeSetOf(c, b, a)), '3109020101020102040100')
})

test('strings outside the alphabet of their type are refused by the writer', () => {
  assert.throws(() => encodePrintableString('a@b'), /PrintableString/)
  assert.throws(() => encodePrintableString('a*b'), /PrintableString/)
  assert.throws(() => encodeAscii(tags.ia5String, 'bücher.example'), /ASCII/)
  assert.throws(() => encodeAscii(tags.ia5String, 'a b'), /ASCII/)
  assert.throws(() => encodeUtf8String('\ud800'), /surrogate/)
})

test('strings are read by their type, and refused outside its alphabet', () => {
  assert.equal(readText(readDer(encodeUtf8String('Größe 大'))), 'Größe 大')
  assert.equal(readText(readDer(octets('1e 04 0041 5927'))), 'A大')
  assert.equal(readText(readDer(octets('14 01 e4'))), 'ä')
  for (const bad of ['0c 01 ff', '0c 02 c080', '13 01 40', '16 01 80', '1e 01 41', '1e 02 d800', '02 01 41']) {
    assert.throws(() => readText(readDer(octets(bad))), DerError, bad)
  }
})

const refused: readonly [string, string][] = [
  ['nothing at all', ''],
  ['a tag without a length', '30'],
  ['a value shorter than its length', '0402 00'],
  ['octets after the value', '0500 00'],
  ['an indefinite length', '3080 0000'],
  ['a long length below 128', '0481 01 00'],
  ['a length with a leading zero', `048200ff ${'00'.repeat(255)}`],
  ['a length of five octets', '04850000000001 00'],
  ['a length cut short', '0482 01'],
  ['a tag number above 30', '1f2100'],
  ['end-of-contents octets', '0000'],
  ['a constructed OCTET STRING (BER)', '2403 040100'],
  ['a primitive SEQUENCE', '1000'],
  ['a primitive SET', '1100'],
]
for (const [what, text] of refused) {
  test(`the reader refuses ${what}`, () => {
    assert.throws(() => readDer(octets(text)), DerError)
  })
}

test('the reader refuses values nested beyond its limit, and does not overflow on a hostile depth', () => {
  let der: Uint8Array = encodeNull()
  for (let depth = 0; depth < 100_000; depth += 1) {
    der = depth < 200 ? encodeSequence(der) : der
  }
  const descend = (value: DerValue): void => {
    for (const child of readChildren(value)) descend(child)
  }
  assert.throws(() => descend(readDer(der)), /nested too deeply/)
})

const refusedValues: readonly [string, (value: DerValue) => unknown, string][] = [
  ['a BOOLEAN of 01', readBoolean, '0101 01'],
  ['a BOOLEAN of two octets', readBoolean, '0102 ffff'],
  ['an INTEGER without octets', readIntegerOctets, '0200'],
  ['an INTEGER with a needless 00', readIntegerOctets, '0202 0001'],
  ['an INTEGER with a needless ff', readIntegerOctets, '0202 ff80'],
  ['a negative INTEGER where none may be', readUnsigned, '0201 80'],
  ['a BIT STRING with unused bits where octets belong', readBitStringOctets, '0302 0780'],
  ['an empty BIT STRING without its first octet', readBitStringOctets, '0300'],
  ['named bits with a trailing zero bit', readNamedBits, '0302 0080'],
  ['named bits with a set bit among the unused', readNamedBits, '0302 0781'],
  ['named bits with eight unused', readNamedBits, '0302 0880'],
  ['no named bits but unused ones', readNamedBits, '0301 01'],
  ['another tag than expected', readBoolean, '0201 00'],
]
for (const [what, read, text] of refusedValues) {
  test(`a reader of values refuses ${what}`, () => {
    assert.throws(() => read(readDer(octets(text))), DerError)
  })
}

test('fields are taken in order; missing and left-over members are refused', () => {
  const value = readDer(encodeSequence(encodeBoolean(true), encodeBitString(octets('00'))))
  const fields = readFields(value)
  assert.equal(fields.takeIf(contextTag(0, 'constructed')), undefined)
  assert.ok(readBoolean(fields.take(tags.boolean)))
  assert.throws(() => fields.end(), DerError)
  assert.throws(() => fields.take(tags.integer), DerError)
  assert.throws(() => fields.takeAny(), DerError)
  fields.end()
  assert.throws(() => readFields(readDer(encodeNull())), DerError)
  assert.throws(() => readChildren(readDer(encodeNull())), DerError)
})
