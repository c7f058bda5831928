import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AUTHENTIC_DATA, RECURSION_DESIRED, encode } from 'dns-packet'
import fc from 'fast-check'
import { type DnsType, encodeQuery, isDnsName } from '../../../src/validation/net/dns-message.ts'

/** The same query by the library that reads the answers. */
function encodeByLibrary(name: string, type: DnsType, id: number): Buffer {
  const flags = RECURSION_DESIRED | AUTHENTIC_DATA
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 1 << 15,
    flag_do: true,
    options: [],
  } as const
  return encode({ type: 'query', id, flags, questions: [{ name, type, class: 'IN' }], additionals: [{ ...opt, options: [] }] })
}

describe('a DNS query', () => {
  it('has the octets that another implementation writes (RFC 1035 section 4.1, RFC 6891 section 6.1)', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/)
    const name = fc
      .array(label, { minLength: 1, maxLength: 8 })
      .map((labels) => labels.join('.'))
      .filter(isDnsName)
    fc.assert(
      fc.property(name, fc.constantFrom<DnsType>('A', 'AAAA', 'CNAME', 'TXT'), fc.nat(65_535), (asked, type, id) => {
        assert.deepEqual(encodeQuery({ name: asked, type }, id), encodeByLibrary(asked, type, id))
      }),
    )
  })
})
