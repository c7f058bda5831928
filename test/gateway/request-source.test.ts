import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { loadSettings } from '../../src/config.ts'
import { readRequestSource } from '../../src/gateway/request-source.ts'

const { trustedProxies } = loadSettings({ CHANCERY_DATA: '/nowhere', CHANCERY_TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8' })

function sourceOf(peer: string, headers: Record<string, string> = {}, encrypted = false) {
  const socket = { remoteAddress: peer, ...(encrypted && { encrypted }) } as unknown as IncomingMessage['socket']
  return readRequestSource({ socket, headers }, trustedProxies)
}

describe('the source of a request', () => {
  const rows: Record<string, [peer: string, headers: Record<string, string>, ip: string, secure: boolean]> = {
    'is the peer': ['192.0.2.1', {}, '192.0.2.1', false],
    'is the peer without the prefix of a mapped address': ['::ffff:192.0.2.1', {}, '192.0.2.1', false],
    'is a peer that is not trusted, whatever it says': [
      '192.0.2.1',
      { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' },
      '192.0.2.1',
      false,
    ],
    'is whom a trusted proxy names': [
      '10.1.1.1',
      { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' },
      '198.51.100.1',
      true,
    ],
    'is the last who is no proxy': ['10.1.1.1', { 'x-forwarded-for': '203.0.113.9, 198.51.100.1, 10.2.2.2' }, '198.51.100.1', false],
    'is the first of all if all are proxies': ['10.1.1.1', { 'x-forwarded-for': '10.3.3.3, 10.2.2.2' }, '10.3.3.3', false],
    'stops at what is no address': ['10.1.1.1', { 'x-forwarded-for': '198.51.100.1, unknown, 10.2.2.2' }, '10.2.2.2', false],
    'is the proxy itself if the header is no address': ['10.1.1.1', { 'x-forwarded-for': 'x' }, '10.1.1.1', false],
    'may have a port or brackets': ['fd00::1', { 'x-forwarded-for': '[2001:db8::7]:4711' }, '2001:db8::7', false],
    'may be IPv4 with a port': ['fd00::1', { 'x-forwarded-for': '198.51.100.1:80' }, '198.51.100.1', false],
    'may be told by Forwarded': [
      '10.1.1.1',
      { forwarded: 'for=192.0.2.60;proto=http, for="[2001:db8::7]:80";proto=https' },
      '2001:db8::7',
      true,
    ],
    'is told by X-Forwarded-For where both are': [
      '10.1.1.1',
      { forwarded: 'for=192.0.2.60', 'x-forwarded-for': '198.51.100.1' },
      '198.51.100.1',
      false,
    ],
    'takes the last word on the scheme': [
      '10.1.1.1',
      { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https, http' },
      '198.51.100.1',
      false,
    ],
  }
  for (const [name, [peer, headers, ip, secure]] of Object.entries(rows)) {
    it(name, () => assert.deepEqual(sourceOf(peer, headers), { ip, secure }))
  }

  it('is secure on a TLS connection of its own', () => {
    assert.equal(sourceOf('192.0.2.1', {}, true).secure, true)
  })

  it('never follows what stands left of the first stranger', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.string()), { maxLength: 5 }), (spoofed) => {
        const left = spoofed.map((text) => text.replaceAll(',', ''))
        const header = [...left, '198.51.100.1', '10.2.2.2'].join(', ')
        assert.equal(sourceOf('10.1.1.1', { 'x-forwarded-for': header }).ip, '198.51.100.1')
      }),
    )
  })
})
