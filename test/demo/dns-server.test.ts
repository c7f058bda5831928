import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Resolver } from 'node:dns/promises'
import { describe, it } from 'node:test'
import { decode, encode } from 'dns-packet'
import { startDnsServer } from '../../demo/dns-server.ts'
import type { DnsServer } from '../../demo/dns-server.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'

const never = new AbortController().signal

async function withServer(use: (server: DnsServer) => Promise<void>, address = '127.0.0.1') {
  const server = await startDnsServer({ address })
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

function ask(server: DnsServer, name: string, type: 'TXT' | 'CNAME' | 'A' | 'AAAA') {
  return createDnsClient({ resolvers: [server], timeoutMs: 1000, tries: 1, randomBytes }).query(name, type, never)
}

describe('the demo DNS server', () => {
  it('answers TXT over UDP, in any case of the name, and counts questions', () =>
    withServer(async (server) => {
      server.setTxt('a.example.test', ['one', 'two'])
      const answer = await ask(server, 'A.Example.TEST', 'TXT')
      assert.ok(answer.kind === 'answer')
      assert.deepEqual(
        answer.records.map((record) => record.value),
        ['one', 'two'],
      )
      assert.equal(server.queries, 1)
    }))

  it('serves IPv6 loopback too', () =>
    withServer(async (server) => {
      server.setTxt('a.test', ['one'])
      assert.equal((await ask(server, 'a.test', 'TXT')).kind, 'answer')
    }, '::1'))

  it('answers NXDOMAIN outside, and NODATA for other types and for names in between (RFC 8020)', () =>
    withServer(async (server) => {
      server.setTxt('deep.a.example.test', ['one'])
      for (const [name, rcode] of [
        ['other.test', 'NXDOMAIN'],
        ['x.deep.a.example.test', 'NXDOMAIN'],
        ['example.test', 'NOERROR'],
        ['a.example.test', 'NOERROR'],
      ] as const) {
        const answer = await ask(server, name, 'TXT')
        assert.deepEqual([answer.kind === 'answer' && answer.rcode, answer.kind === 'answer' && answer.records], [rcode, []], name)
      }
      const answer = await ask(server, 'deep.a.example.test', 'A')
      assert.equal(answer.kind === 'answer' && answer.rcode, 'NOERROR')
    }))

  it('forgets a name, and the names in between with it', () =>
    withServer(async (server) => {
      server.setTxt('deep.a.test', ['one'])
      server.setTxt('deep.a.test', ['two'])
      server.removeAll('deep.a.test')
      server.removeAll('deep.a.test')
      const answer = await ask(server, 'a.test', 'TXT')
      assert.equal(answer.kind === 'answer' && answer.rcode, 'NXDOMAIN')
    }))

  it('follows CNAMEs inside its data and stops at those that lead out, or in circles', () =>
    withServer(async (server) => {
      server.setCname('a.test', 'b.test')
      server.setCname('b.test', 'c.test')
      server.setTxt('c.test', ['end'])
      server.setCname('out.test', 'elsewhere.invalid')
      server.setCname('x.test', 'y.test')
      server.setCname('y.test', 'x.test')
      const values = async (name: string, type: 'TXT' | 'CNAME') => {
        const answer = await ask(server, name, type)
        return answer.kind === 'answer' && answer.rcode === 'NOERROR' ? answer.records.map((record) => record.value) : answer
      }
      assert.deepEqual(await values('a.test', 'TXT'), ['b.test', 'c.test', 'end'])
      assert.deepEqual(await values('a.test', 'CNAME'), ['b.test'])
      assert.deepEqual(await values('out.test', 'TXT'), ['elsewhere.invalid'])
      assert.ok(Array.isArray(await values('x.test', 'TXT')))
    }))

  it('truncates beyond the EDNS size and gives the whole over TCP', () =>
    withServer(async (server) => {
      server.setTxt(
        'big.test',
        Array.from({ length: 100 }, (_, i) => `value ${i} ${'x'.repeat(100)}`),
      )
      const answer = await ask(server, 'big.test', 'TXT')
      assert.ok(answer.kind === 'answer')
      assert.equal(answer.records.length, 100)
      assert.deepEqual(
        answer.exchanges.map((exchange) => exchange.transport),
        ['udp', 'tcp'],
      )
    }))

  it('truncates beyond 512 octets for a client without EDNS (RFC 1035 section 4.2.1)', () =>
    withServer(async (server) => {
      server.setTxt('some.test', ['x'.repeat(250), 'y'.repeat(250), 'z'.repeat(250)])
      const socket = createSocket('udp4')
      socket.send(encode({ type: 'query', id: 7, questions: [{ type: 'TXT', name: 'some.test' }] }), server.port, server.address)
      const [message] = (await once(socket, 'message')) as [Buffer]
      socket.close()
      const reply = decode(message)
      assert.ok(message.length <= 512)
      assert.deepEqual([reply.flag_tc, reply.answers?.length, reply.additionals?.length], [true, 0, 0])
    }))

  it('cuts a long value into character-strings of 255 octets', () =>
    withServer(async (server) => {
      server.setTxt('long.test', ['x'.repeat(600), ['a', 'b'], ''])
      const answer = await ask(server, 'long.test', 'TXT')
      assert.deepEqual(answer.kind === 'answer' && answer.records.map((record) => record.value), ['x'.repeat(600), 'ab', ''])
    }))

  it('keeps silent on noise and goes on', () =>
    withServer(async (server) => {
      const socket = createSocket('udp4')
      for (const noise of [Buffer.alloc(0), Buffer.from('noise'), randomBytes(40)]) socket.send(noise, server.port, server.address)
      server.setTxt('a.test', ['one'])
      assert.equal((await ask(server, 'a.test', 'TXT')).kind, 'answer')
      socket.close()
    }))

  it('satisfies a foreign resolver library (c-ares)', () =>
    withServer(async (server) => {
      server.setTxt('txt.test', ['one', ['t', 'wo']])
      server.setCname('alias.test', 'txt.test')
      server.setAddresses('host.test', ['127.0.0.1', '::1'])
      const resolver = new Resolver({ timeout: 1000, tries: 1 })
      resolver.setServers([`${server.address}:${server.port}`])
      assert.deepEqual(await resolver.resolveTxt('alias.test'), [['one'], ['t', 'wo']])
      assert.deepEqual(await resolver.resolve4('host.test'), ['127.0.0.1'])
      assert.deepEqual(await resolver.resolve6('host.test'), ['::1'])
      await assert.rejects(resolver.resolveTxt('host.test'), { code: 'ENODATA' })
      await assert.rejects(resolver.resolveTxt('none.test'), { code: 'ENOTFOUND' })
    }))
})
