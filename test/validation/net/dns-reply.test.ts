import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode, encode } from 'dns-packet'
import type { Answer } from 'dns-packet'
import * as fc from 'fast-check'
import { decodeReply } from '../../../src/validation/net/dns-reply.ts'

const name = fc.array(fc.stringMatching(/^[A-Za-z0-9_-]{1,63}$/), { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
const ttl = fc.nat(0x7fffffff)
const common = { name, ttl }
const group = fc.oneof(fc.constant(0), fc.nat(65_535))
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ type: fc.constant('A' as const), data: fc.ipV4(), ...common }),
  fc.record({
    type: fc.constant('AAAA' as const),
    data: fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.map((part) => part.toString(16)).join(':')),
    ...common,
  }),
  fc.record({ type: fc.constant('CNAME' as const), data: name, ...common }),
  fc.record({
    type: fc.constant('TXT' as const),
    data: fc.array(
      fc.uint8Array({ maxLength: 255 }).map((octets) => Buffer.from(octets)),
      { minLength: 1, maxLength: 3 },
    ),
    ...common,
  }),
  fc.record({ type: fc.constant('NS' as const), data: name, ...common }),
  fc.record({ type: fc.constant('A' as const), data: fc.ipV4(), class: fc.constant('CH' as const), ...common }),
)

/** What another implementation reads of the records that this service asks for. */
function readByLibrary(message: Buffer) {
  return (decode(message).answers ?? []).flatMap((record) => {
    if (record.type === 'OPT' || record.class !== 'IN') return []
    const { name, ttl: ttlSeconds } = record
    if (record.type === 'TXT')
      return { name, type: 'TXT', ttlSeconds, value: Buffer.concat([record.data].flat() as Buffer[]).toString('latin1') }
    return record.type === 'A' || record.type === 'AAAA' || record.type === 'CNAME'
      ? { name, type: record.type, ttlSeconds, value: record.data }
      : []
  })
}

/** The reply to an A query for example.com with one answer, the octets of which are given. */
function replyWith(...octets: (number | string)[]): Buffer {
  const question = encode({ type: 'response', id: 1, flags: 0x180, questions: [{ type: 'A', name: 'example.com' }] })
  question.writeUInt16BE(1, 6)
  return Buffer.concat([question, ...octets.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part])))])
}

const fixed = (type: number, length: number) => `\0${String.fromCharCode(type)}\0\x01\0\0\0\x3c\0${String.fromCharCode(length)}`

describe('a DNS reply', () => {
  it('says what another implementation reads in it (RFC 1035 section 4.1)', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 4 }), fc.array(answer, { maxLength: 2 }), (answers, authorities) => {
        const message = encode({
          type: 'response',
          id: 1,
          flags: 0x180,
          questions: [{ type: 'A', name: 'example.com' }],
          answers,
          authorities,
        })
        assert.deepEqual(decodeReply(message).records, readByLibrary(message))
      }),
    )
  })

  it('may point back to names before (RFC 1035 section 4.1.4)', () => {
    const { records } = decodeReply(replyWith('\xc0\x0c', fixed(5, 6), '\x03www\xc0\x0c'))
    assert.deepEqual(records, [{ name: 'example.com', type: 'CNAME', ttlSeconds: 60, value: 'www.example.com' }])
  })

  it('is refused when a name does not end, or a value has not the length it should have', () => {
    const wrong = [
      replyWith('\xc0\x1d', fixed(1, 4), '\x01\x02\x03\x04'),
      replyWith('\xc0\xff', fixed(1, 4), '\x01\x02\x03\x04'),
      replyWith('\x40', fixed(1, 4), '\x01\x02\x03\x04'),
      replyWith('\xc0\x0c', fixed(1, 5), '\x01\x02\x03\x04\x05'),
      replyWith('\xc0\x0c', fixed(1, 0)),
      replyWith('\xc0\x0c', fixed(28, 4), '\x01\x02\x03\x04'),
      replyWith('\xc0\x0c', fixed(5, 3), '\xc0\x0c\0'),
      replyWith('\xc0\x0c', fixed(5, 2), '\xc0\x29'),
      replyWith('\xc0\x0c', fixed(16, 2), '\x02x'),
      replyWith('\xc0\x0c', fixed(16, 3), '\x02x'),
      replyWith('\xc0\x0c'),
    ]
    for (const message of wrong) assert.throws(() => decodeReply(message), message.toString('latin1'))
  })

  it('is refused when a name jumps more often than a name has labels', () => {
    for (const [jumps, isRead] of [
      [100, true],
      [200, false],
    ] as const) {
      // The root, and pointers each to the one before, in the value of a record that nobody asked for; then a name that points to the last.
      const at = replyWith('\0', fixed(10, 0)).length
      const chain = Array.from({ length: jumps }, (_, index) => 0xc000 | (index === 0 ? at : at + 1 + 2 * (index - 1)))
      const octets = [0, ...[...chain, 0xc000 | (at + 1 + 2 * (jumps - 1))].flatMap((pointer) => [pointer >> 8, pointer & 0xff])]
      const value = Buffer.from(octets.slice(0, -2))
      const head = Buffer.from(fixed(10, 0), 'latin1')
      head.writeUInt16BE(value.length, 8)
      const message = Buffer.concat([
        replyWith('\0'),
        head,
        value,
        Buffer.from(octets.slice(-2)),
        Buffer.from(`${fixed(1, 4)}\x01\x02\x03\x04`, 'latin1'),
      ])
      message.writeUInt16BE(2, 6)
      if (isRead) assert.deepEqual(decodeReply(message).records, [{ name: '.', type: 'A', ttlSeconds: 60, value: '1.2.3.4' }])
      else assert.throws(() => decodeReply(message))
    }
  })
})
