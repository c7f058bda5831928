import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { Answer } from 'dns-packet'
import { AUTHENTIC_DATA, CHECKING_DISABLED, RECURSION_DESIRED, TRUNCATED_RESPONSE, encode } from 'dns-packet'
import * as fc from 'fast-check'
import { createDnsClient } from '../../../src/validation/net/dns-client.ts'
import type { DnsClientOptions } from '../../../src/validation/net/dns-client.ts'
import { replyTo, startScriptedResolver, txt } from '../scripted-resolver.ts'
import type { Asked } from '../scripted-resolver.ts'

const name = '_dnsauth.example.com'
const never = new AbortController().signal

function clientOf(resolvers: DnsClientOptions['resolvers'], options: Partial<DnsClientOptions> = {}) {
  return createDnsClient({ resolvers, timeoutMs: 2000, tries: 1, randomBytes, ...options })
}

const sendRight = (asked: Asked) => asked.send(replyTo(asked, { answers: [txt(name, 'right')] }))

describe('the DNS client', () => {
  it('asks with recursion, AD and DO, 1232 octets and without CD (RFC 6840 section 5.7, RFC 6891)', async () => {
    await using server = await startScriptedResolver(sendRight)
    await clientOf([server.resolver]).query(name, 'TXT', never)
    const [asked] = server.asked
    assert.ok(asked)
    const flags = asked.packet.flags ?? 0
    assert.equal(flags & (RECURSION_DESIRED | AUTHENTIC_DATA | CHECKING_DISABLED), RECURSION_DESIRED | AUTHENTIC_DATA)
    const [opt] = asked.packet.additionals ?? []
    assert.ok(opt?.type === 'OPT')
    assert.deepEqual([opt.udpPayloadSize, opt.flag_do], [1232, true])
  })

  it('returns records and keeps resolver, code, time to live and transport as evidence', async () => {
    await using server = await startScriptedResolver(sendRight)
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.ok(answer.kind === 'answer')
    assert.deepEqual(answer.records, [{ name, type: 'TXT', ttlSeconds: 60, value: 'right' }])
    const [exchange] = answer.exchanges
    assert.ok(exchange && exchange.ms >= 0)
    assert.deepEqual(JSON.parse(JSON.stringify({ ...exchange, ms: 0 })), {
      resolver: `127.0.0.1:${server.resolver.port}`,
      name,
      type: 'TXT',
      transport: 'udp',
      ms: 0,
      rcode: 'NOERROR',
      ad: false,
      answers: [{ name, type: 'TXT', ttlSeconds: 60, value: '"right"' }],
    })
  })

  it('uses a fresh id and source port for each query (RFC 5452 section 9.2)', async () => {
    await using server = await startScriptedResolver(sendRight)
    const client = clientOf([server.resolver])
    for (let i = 0; i < 12; i += 1) await client.query(name, 'TXT', never)
    assert.ok(new Set(server.asked.map((asked) => asked.packet.id)).size >= 11)
    assert.ok(new Set(server.asked.map((asked) => asked.peer.port)).size >= 8)
  })

  it('asks for both types of addresses from one port with ids of their own (RFC 5452 section 9.2)', async () => {
    await using server = await startScriptedResolver((asked) => asked.send(replyTo(asked)))
    const client = clientOf([server.resolver])
    const ports = new Set<number>()
    for (let i = 0; i < 12; i += 1) {
      const { six, four } = client.queryAddresses(name, never)
      assert.deepEqual([(await six).kind, (await four).kind], ['answer', 'answer'])
      const [one, other] = server.asked.slice(-2)
      assert.deepEqual([one?.packet.questions?.[0]?.type, other?.packet.questions?.[0]?.type], ['AAAA', 'A'])
      assert.equal(one?.peer.port, other?.peer.port)
      ports.add(one?.peer.port ?? 0)
    }
    assert.ok(new Set(server.asked.map((asked) => asked.packet.id)).size >= 22)
    assert.ok(ports.size >= 8)
  })

  it('takes a reply for the address it was asked for, and counts what answers neither', async () => {
    const held: Asked[] = []
    await using server = await startScriptedResolver((asked) => {
      held.push(asked)
      const [first, second] = held
      if (first === undefined || second === undefined) return
      second.send(replyTo(second))
      // A reply once more is not counted; the id of one question with the other question is.
      second.send(replyTo(second))
      first.send(replyTo(second, { change: { id: first.packet.id ?? 0 } }))
      first.send(replyTo(first, { rcode: 3 }))
    })
    const { six, four } = clientOf([server.resolver]).queryAddresses(name, never)
    const [ofSix, ofFour] = [await six, await four]
    assert.deepEqual([ofSix.kind === 'answer' && ofSix.rcode, ofFour.kind === 'answer' && ofFour.rcode], ['NXDOMAIN', 'NOERROR'])
    assert.deepEqual([ofSix.exchanges[0]?.ignored, ofFour.exchanges[0]?.ignored], [1, undefined])
  })

  it('goes on to the second resolver with one type of addresses alone, and over TCP with the other', async () => {
    await using first = await startScriptedResolver((asked) => {
      const isSix = asked.packet.questions?.[0]?.type === 'AAAA'
      asked.send(replyTo(asked, isSix ? { rcode: 5 } : { flags: asked.transport === 'udp' ? TRUNCATED_RESPONSE : 0 }))
    })
    await using second = await startScriptedResolver((asked) => asked.send(replyTo(asked)))
    const { six, four } = clientOf([first.resolver, second.resolver]).queryAddresses(name, never)
    const shown = async (answer: typeof six) =>
      (await answer).exchanges.map(({ type, transport, rcode }) => `${type} ${transport} ${rcode}`)
    assert.deepEqual(await shown(six), ['AAAA udp REFUSED', 'AAAA udp NOERROR'])
    assert.deepEqual(await shown(four), ['A udp NOERROR', 'A tcp NOERROR'])
    assert.equal(second.asked.length, 1)
  })

  it('ends both questions for addresses with a timeout, the reason of the signal, and for what is no name', { timeout: 5000 }, async () => {
    await using hole = await startScriptedResolver(() => undefined)
    const client = clientOf([hole.resolver], { timeoutMs: 20 })
    const late = client.queryAddresses(name, never)
    for (const answer of [await late.six, await late.four]) assert.equal(answer.kind === 'failure' && answer.failure, 'timeout')
    const abort = new AbortController()
    const aborted = clientOf([hole.resolver], { timeoutMs: 60_000 }).queryAddresses(name, abort.signal)
    await until(() => hole.asked.length === 4)
    const open = countUdpSockets()
    abort.abort(new Error('enough'))
    for (const answer of await Promise.allSettled([aborted.six, aborted.four]))
      assert.match(String(answer.status === 'rejected' && answer.reason), /enough/)
    await until(() => countUdpSockets() < open)
    const before = client.queryAddresses(name, AbortSignal.abort(new Error('late')))
    for (const answer of await Promise.allSettled([before.six, before.four]))
      assert.match(String(answer.status === 'rejected' && answer.reason), /late/)
    const wrong = client.queryAddresses('a..b', never)
    for (const answer of [await wrong.six, await wrong.four]) assert.equal(answer.kind === 'failure' && answer.failure, 'malformed')
    assert.equal(hole.asked.length, 4)
  })

  it('takes the id from the random octets it was given', async () => {
    await using server = await startScriptedResolver(sendRight)
    await clientOf([server.resolver], { randomBytes: () => Uint8Array.of(0xbe, 0xef) }).query(name, 'TXT', never)
    assert.equal(server.asked[0]?.packet.id, 0xbeef)
  })

  it('asks an IPv6 resolver, also when its address is not spelled canonically', async () => {
    await using server = await startScriptedResolver(sendRight, '::1')
    const answer = await clientOf([{ address: '0:0::0:1', port: server.resolver.port }]).query(name, 'TXT', never)
    assert.equal(answer.kind, 'answer')
    assert.equal(answer.exchanges[0]?.resolver, `[::1]:${server.resolver.port}`)
  })

  it('asks from an address that the system chooses: that of a resolver is seldom one of this machine', async () => {
    await using server = await startScriptedResolver(sendRight, '127.0.0.2')
    await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.equal(server.asked[0]?.peer.address, '127.0.0.1')
  })

  it('accepts the name of the question in other case (RFC 4343)', async () => {
    await using server = await startScriptedResolver((asked) =>
      asked.send(replyTo(asked, { change: { questions: [{ type: 'TXT', name: name.toUpperCase() }] } })),
    )
    assert.equal((await clientOf([server.resolver]).query(name, 'TXT', never)).kind, 'answer')
  })

  const spoofs: Record<string, (asked: Asked) => Uint8Array> = {
    'another id': (asked) => replyTo(asked, { answers: [txt(name, 'forged')], change: { id: ((asked.packet.id ?? 0) + 1) & 0xffff } }),
    'another name in the question': (asked) => replyTo(asked, { change: { questions: [{ type: 'TXT', name: '_dnsauth.example.org' }] } }),
    'another type in the question': (asked) => replyTo(asked, { change: { questions: [{ type: 'A', name }] } }),
    'another class in the question': (asked) => replyTo(asked, { change: { questions: [{ type: 'TXT', name, class: 'CH' }] } }),
    'no question': (asked) => replyTo(asked, { change: { questions: [] } }),
    'two questions': (asked) =>
      replyTo(asked, {
        change: {
          questions: [
            { type: 'TXT', name },
            { type: 'TXT', name },
          ],
        },
      }),
    'the bit of a query': (asked) => asked.octets,
    'another operation': (asked) => replyTo(asked, { flags: 4 << 11 }),
    'too few octets': (asked) => asked.octets.subarray(0, 11),
    'no octets': () => new Uint8Array(),
  }
  for (const [what, forge] of Object.entries(spoofs)) {
    it(`ignores a datagram with ${what} and waits for the right one (RFC 5452 section 9.1)`, async () => {
      await using server = await startScriptedResolver((asked) => {
        asked.send(forge(asked))
        sendRight(asked)
      })
      const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
      assert.ok(answer.kind === 'answer')
      assert.equal(answer.records[0]?.value, 'right')
      assert.equal(answer.exchanges[0]?.ignored, 1)
    })
  }

  it('ignores a perfect reply from another port of the resolver (RFC 5452 section 9.1)', async () => {
    const other = createSocket('udp4')
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    await using server = await startScriptedResolver((asked) => {
      const forged = replyTo(asked, { answers: [txt(name, 'forged')] })
      other.send(forged, asked.peer.port, asked.peer.address, () => sendRight(asked))
    })
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    other.close()
    assert.ok(answer.kind === 'answer')
    assert.equal(answer.records[0]?.value, 'right')
  })

  it('asks the same question over TCP after truncation, and puts the pieces together (RFC 7766)', async () => {
    const values = Array.from({ length: 300 }, (_, i) => txt(name, `value ${i} ${'x'.repeat(150)}`))
    await using server = await startScriptedResolver((asked) => {
      if (asked.transport === 'udp') return asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE, answers: [txt(name, 'part')] }))
      const message = replyTo(asked, { answers: values })
      const framed = Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message])
      asked.sendRaw(framed.subarray(0, 1))
      setTimeout(() => asked.sendRaw(framed.subarray(1, 2000)), 5)
      setTimeout(() => asked.sendRaw(framed.subarray(2000)), 10)
    })
    const answer = await clientOf([server.resolver], { timeoutMs: 2000 }).query(name, 'TXT', never)
    assert.ok(answer.kind === 'answer')
    assert.equal(answer.records.length, 300)
    const [udp, tcp] = answer.exchanges
    assert.deepEqual([udp?.transport, udp?.truncated, tcp?.transport], ['udp', true, 'tcp'])
    assert.deepEqual([tcp?.answers.length, tcp?.answersLeftOut], [20, 280])
    assert.notEqual(server.asked[0]?.packet.id, undefined)
  })

  it('does not take the answers of a truncated reply when TCP fails', async () => {
    await using server = await startScriptedResolver((asked) => {
      if (asked.transport === 'udp') asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE, answers: [txt(name, 'part')] }))
      else asked.hangUp()
    })
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.deepEqual([answer.kind, answer.kind === 'failure' && answer.failure], ['failure', 'network'])
  })

  it('calls a reply that is truncated even over TCP malformed', async () => {
    await using server = await startScriptedResolver((asked) => asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE })))
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.ok(answer.kind === 'failure')
    assert.equal(answer.failure, 'malformed')
  })

  it('ignores a TCP message with another id and reads the next one', async () => {
    await using server = await startScriptedResolver((asked) => {
      if (asked.transport === 'udp') return asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE }))
      asked.send(replyTo(asked, { change: { id: ((asked.packet.id ?? 0) + 1) & 0xffff } }))
      sendRight(asked)
    })
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.equal(answer.kind, 'answer')
    assert.equal(answer.exchanges[1]?.ignored, 1)
  })

  it('goes on to the second resolver when the first is a black hole', async () => {
    await using hole = await startScriptedResolver(() => undefined)
    await using server = await startScriptedResolver(sendRight)
    const answer = await clientOf([hole.resolver, server.resolver], { timeoutMs: 500 }).query(name, 'TXT', never)
    assert.equal(answer.kind, 'answer')
    assert.deepEqual(
      answer.exchanges.map((exchange) => exchange.error),
      ['timeout', undefined],
    )
  })

  it('goes on after a refusal, but not after SERVFAIL, which may be a broken signature (BR 4.2.2.2)', async () => {
    for (const [rcode, expected] of [
      [5, 'NOERROR'],
      [2, 'SERVFAIL'],
    ] as const) {
      await using first = await startScriptedResolver((asked) => asked.send(replyTo(asked, { rcode })))
      await using second = await startScriptedResolver(sendRight)
      const answer = await clientOf([first.resolver, second.resolver]).query(name, 'TXT', never)
      assert.equal(answer.kind === 'answer' && answer.rcode, expected)
      assert.equal(second.asked.length, rcode === 5 ? 1 : 0)
    }
  })

  it('asks again as often as told, and then reports a timeout', async () => {
    await using hole = await startScriptedResolver(() => undefined)
    const answer = await clientOf([hole.resolver], { timeoutMs: 20, tries: 3 }).query(name, 'TXT', never)
    assert.equal(answer.kind === 'failure' && answer.failure, 'timeout')
    assert.deepEqual([answer.exchanges.length, hole.asked.length], [3, 3])
  })

  it('reports a port where nobody listens as a network failure', async () => {
    const server = await startScriptedResolver(() => undefined)
    await server[Symbol.asyncDispose]()
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.equal(answer.kind === 'failure' && answer.failure, 'network')
  })

  it('goes on at once from a port where nobody listens, also with both types of addresses', { timeout: 5_000 }, async () => {
    const closed = await startScriptedResolver(() => undefined)
    await closed[Symbol.asyncDispose]()
    await using good = await startScriptedResolver((asked) => asked.send(replyTo(asked)))
    const { six, four } = clientOf([closed.resolver, good.resolver], { timeoutMs: 60_000 }).queryAddresses(name, never)
    for (const answer of await Promise.all([six, four])) {
      assert.equal(answer.kind, 'answer')
      assert.deepEqual(
        answer.exchanges.map(({ error }) => error),
        ['network', undefined],
      )
    }
  })

  it('records the AD bit of a resolver on loopback, over IPv4 and IPv6', async () => {
    for (const address of ['127.0.0.1', '::1']) {
      await using server = await startScriptedResolver((asked) => asked.send(replyTo(asked, { flags: AUTHENTIC_DATA })), address)
      const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
      assert.equal(answer.kind === 'answer' && answer.ad, true)
      assert.equal(answer.exchanges[0]?.ad, true)
    }
  })

  it('combines the extended response code (RFC 6891 section 6.1.3)', async () => {
    const opt: Answer = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    }
    await using server = await startScriptedResolver((asked) => asked.send(replyTo(asked, { change: { additionals: [opt] } })))
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.equal(answer.kind === 'answer' && answer.rcode, 'BADVERS')
  })

  it('rejects with the reason of the signal at once, and closes its socket, over UDP', { timeout: 5000 }, async () => {
    await using hole = await startScriptedResolver(() => undefined)
    const abort = new AbortController()
    const answer = clientOf([hole.resolver], { timeoutMs: 60_000 }).query(name, 'TXT', abort.signal)
    await until(() => hole.asked.length === 1)
    const open = countUdpSockets()
    abort.abort(new Error('enough'))
    await assert.rejects(answer, /^Error: enough$/)
    await until(() => countUdpSockets() < open)
  })

  it('rejects with the reason of the signal at once, and closes its connection, over TCP', { timeout: 5000 }, async () => {
    await using hole = await startScriptedResolver((asked) => {
      if (asked.transport === 'udp') asked.send(replyTo(asked, { flags: TRUNCATED_RESPONSE }))
    })
    const abort = new AbortController()
    const answer = clientOf([hole.resolver], { timeoutMs: 60_000 }).query(name, 'TXT', abort.signal)
    await until(() => hole.asked.length === 2)
    abort.abort(new Error('enough'))
    await assert.rejects(answer, /^Error: enough$/)
    await until(() => hole.connections.size === 0)
  })

  it('asks nothing when the signal has aborted before', async () => {
    await using server = await startScriptedResolver(sendRight)
    await assert.rejects(clientOf([server.resolver]).query(name, 'TXT', AbortSignal.abort(new Error('late'))), /late/)
    assert.equal(server.asked.length, 0)
  })

  it('sends nothing for what is no DNS name', async () => {
    await using server = await startScriptedResolver(sendRight)
    const wrong = ['', '.', 'a..b', `${'x'.repeat(64)}.com`, 'a.'.repeat(127), 'b\u00fccher.de', 'with space.de', `${'a.'.repeat(130)}com`]
    for (const name of wrong) {
      const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
      assert.equal(answer.kind === 'failure' && answer.failure, 'malformed', name)
    }
    assert.equal(server.asked.length, 0)
  })

  it('refuses to be made without resolvers or with a host name as resolver', () => {
    assert.throws(() => clientOf([]))
    assert.throws(() => clientOf([{ address: 'localhost', port: 53 }]))
  })
})

describe('malformed replies', () => {
  it('never crash the client: any octets after a matching question are an answer or malformed', async () => {
    const count = fc.oneof(fc.nat(3), fc.nat(65_535))
    let spoiled = { flags: 0, counts: [0], tail: new Uint8Array() }
    await using server = await startScriptedResolver((asked) => {
      const message = replyTo(asked)
      message[3] = spoiled.flags
      spoiled.counts.forEach((count, i) => message.writeUInt16BE(count, 6 + 2 * i))
      asked.send(Buffer.concat([message, spoiled.tail]))
    })
    const client = clientOf([server.resolver])
    await fc.assert(
      fc.asyncProperty(fc.nat(255), fc.tuple(count, count, count), fc.uint8Array({ maxLength: 300 }), async (flags, counts, octets) => {
        spoiled = { flags, counts, tail: octets }
        const answer = await client.query(name, 'TXT', never)
        assert.ok(answer.kind === 'answer' || answer.failure === 'malformed', JSON.stringify(answer))
        JSON.stringify(answer)
      }),
      { numRuns: 200 },
    )
  })

  it('never crash the client: any flip or cut of a good reply is an answer, malformed, or ignored', async () => {
    let spoil: (message: Buffer) => Buffer = (message) => message
    await using server = await startScriptedResolver((asked) => {
      asked.send(spoil(replyTo(asked, { answers: [txt(name, 'a', 'b'), txt(name, 'c')] })))
      // The end of the wait for whatever the client has to ignore.
      asked.send(encode({ type: 'response', id: asked.packet.id ?? 0, flags: 2, questions: asked.packet.questions ?? [] }))
    })
    const client = clientOf([server.resolver])
    await fc.assert(
      fc.asyncProperty(fc.nat(120), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, mask, cut) => {
        spoil = (message) => {
          const copy = Buffer.from(cut ? message.subarray(0, at) : message)
          const spot = copy[at]
          if (spot !== undefined) copy[at] = spot ^ mask
          return copy
        }
        JSON.stringify(await client.query(name, 'TXT', never))
      }),
      { numRuns: 200 },
    )
  })

  it('with a record that is longer than the message are malformed', async () => {
    await using server = await startScriptedResolver((asked) => {
      const message = replyTo(asked, { answers: [txt(name, 'value')] })
      asked.send(message.subarray(0, -1))
    })
    const answer = await clientOf([server.resolver]).query(name, 'TXT', never)
    assert.equal(answer.kind === 'failure' && answer.failure, 'malformed')
  })
})

function countUdpSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length
}

/** Waits at most two seconds. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; !isTrue(); turns += 1) {
    assert.ok(turns < 1000, 'waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
