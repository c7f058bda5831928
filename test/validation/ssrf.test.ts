import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import { fileProofPath } from '../../src/validation/http-file.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'
import { replyTo, startScriptedResolver } from './scripted-resolver.ts'

const token = '202604200000000abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm'
const name = 'target.example.com'
const proof = { method: 'FILE', identifier: name, token, accountId: 1 } as const
const nothing = { contains: () => false }
const never = new AbortController().signal

/** Special-use addresses of both families: IANA registries of RFC 6890 and what hides an IPv4 address in an IPv6 one. */
const specialUse = `
  0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.0.0.2 127.255.255.254 169.254.0.1
  169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
  192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
  255.255.255.255
  :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::127.0.0.1 ::10.0.0.1
  64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 64:ff9b:1::a00:1 100::1 100:0:0:1::1
  2001::1 2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2002:7f00:1::1
  2002:a00:1::1 2002:a9fe:a9fe::1 2002:c0a8:1::1 2620:4f:8000::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1
  fd00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1`
  .trim()
  .split(/\s+/)

/** Runs what is given and counts every attempt of this process to open a TCP connection meanwhile. */
async function countConnects<T>(run: () => Promise<T>): Promise<{ result: T; connects: number }> {
  let connects = 0
  const hook = createHook({ init: (_id, type) => void (type === 'TCPCONNECTWRAP' && (connects += 1)) }).enable()
  try {
    return { result: await run(), connects }
  } finally {
    hook.disable()
  }
}

interface Listeners extends AsyncDisposable {
  readonly port: number
  /** Connections that each address has got. */
  readonly seen: Readonly<Record<string, number>>
}

/** The same free port on several loopback addresses; each counts its connections and answers with one text. */
async function listen(answers: Readonly<Record<string, string>>): Promise<Listeners> {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const seen: Record<string, number> = {}
  let port = 0
  for (const [address, answer] of Object.entries(answers)) {
    seen[address] = 0
    const server = createServer((socket) => {
      seen[address] = (seen[address] ?? 0) + 1
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('data', () => socket.end(answer))
    })
    server.listen(port, address)
    await once(server, 'listening')
    const bound = server.address()
    assert.ok(bound !== null && typeof bound !== 'string')
    port = bound.port
    servers.push(server)
  }
  return {
    port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      for (const server of servers) {
        server.close()
        await once(server, 'close')
      }
    },
  }
}

const holds = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${token.length}\r\n\r\n${token}`
const redirectTo = (location: string) => `HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: ${location}\r\n\r\n`

function assertForbidden(attempt: ProofAttempt, address = ''): void {
  assert.deepEqual([attempt.proven, attempt.failure], [false, 'forbiddenAddress'], address)
  assert.match(attempt.message, /CHANCERY_VALIDATION_ALLOW_CIDRS/, address)
}

describe('a FILE proof on a special-use address', () => {
  it('is refused for each block of the registries, and no connection is ever tried', async () => {
    assert.ok(specialUse.length >= 40)
    await using listeners = await listen({ '127.0.0.1': holds })
    const dns = await startDnsServer()
    try {
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      const control = openDomainControl({ client, web: { httpPort: listeners.port, httpsPort: listeners.port, allowed: nothing } })
      for (const address of specialUse) {
        dns.setAddresses(name, [address])
        const { result, connects } = await countConnects(() => control.check(proof, never))
        assertForbidden(result, address)
        assert.equal(connects, 0, address)
        assert.deepEqual([...new Set(result.evidence.requests?.map(({ error }) => error))], ['forbiddenAddress'], address)
      }
      assert.deepEqual(listeners.seen, { '127.0.0.1': 0 })
    } finally {
      await dns.close()
    }
  })

  it('is refused behind a CNAME', async () => {
    const dns = await startDnsServer()
    try {
      dns.setCname(name, 'alias.example.net')
      dns.setAddresses('alias.example.net', ['169.254.169.254'])
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      const { result, connects } = await countConnects(() => openDomainControl({ client, web: { allowed: nothing } }).check(proof, never))
      assertForbidden(result)
      assert.equal(connects, 0)
    } finally {
      await dns.close()
    }
  })

  it('counts connections that are tried', async () => {
    await using listeners = await listen({ '127.0.0.1': holds })
    const dns = await startDnsServer()
    try {
      dns.setAddresses(name, ['127.0.0.1'])
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed: { contains: () => true } }
      const { result, connects } = await countConnects(() => openDomainControl({ client, web }).check(proof, never))
      // The listener speaks plain HTTP only: https fails, http proves.
      assert.equal(result.proven, true)
      assert.equal(connects, 2)
      assert.deepEqual(listeners.seen, { '127.0.0.1': 2 })
    } finally {
      await dns.close()
    }
  })
})

/** In these tests 127.0.0.1 plays the public address and 127.0.0.2 the private one. */
const publicOnly = { contains: (address: string) => address === '127.0.0.1' }

/** A resolver that gives the addresses one look-up after the other, the last one for ever. */
async function startRebinder(addresses: readonly (readonly string[])[]) {
  let lookups = 0
  const started = await startScriptedResolver((asked) => {
    const [question] = asked.packet.questions ?? []
    const given = question?.type === 'A' ? (addresses[Math.min(lookups++, addresses.length - 1)] ?? []) : []
    asked.send(replyTo(asked, { answers: given.map((data) => ({ type: 'A' as const, name, ttl: 0, data })) }))
  })
  return { ...started, lookups: () => lookups, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() }
}

describe('a name whose address changes', () => {
  it('is connected to at the address that was judged: there is no second look-up, also not for http after https', async () => {
    await using listeners = await listen({ '127.0.0.1': holds, '127.0.0.2': holds })
    await using rebinder = await startRebinder([['127.0.0.1'], ['127.0.0.2']])
    const client = createDnsClient({ resolvers: [rebinder.resolver], timeoutMs: 2000, tries: 1, randomBytes })
    const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed: publicOnly }
    const attempt = await openDomainControl({ client, web }).check(proof, never)
    assert.equal(attempt.proven, true)
    assert.equal(rebinder.lookups(), 1)
    assert.deepEqual(listeners.seen, { '127.0.0.1': 2, '127.0.0.2': 0 })
  })

  it('stays where it was after a redirect to itself, also if its new address would be allowed', async () => {
    for (const allowed of [publicOnly, { contains: () => true }]) {
      await using listeners = await listen({ '127.0.0.1': redirectTo('/elsewhere'), '127.0.0.2': holds })
      await using rebinder = await startRebinder([['127.0.0.1'], ['127.0.0.2']])
      const client = createDnsClient({ resolvers: [rebinder.resolver], timeoutMs: 2000, tries: 1, randomBytes })
      const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed }
      const attempt = await openDomainControl({ client, web }).check(proof, never)
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'badRedirect'])
      assert.equal(rebinder.lookups(), 1)
      assert.equal(listeners.seen['127.0.0.2'], 0)
    }
  })

  it('is never connected to at its private address while it has a public one too', async () => {
    for (const addresses of [
      ['127.0.0.1', '127.0.0.2'],
      ['127.0.0.2', '127.0.0.1'],
    ]) {
      await using listeners = await listen({ '127.0.0.1': redirectTo('/x'), '127.0.0.2': holds })
      await using rebinder = await startRebinder([addresses])
      const client = createDnsClient({ resolvers: [rebinder.resolver], timeoutMs: 2000, tries: 1, randomBytes })
      const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed: publicOnly }
      assert.equal((await openDomainControl({ client, web }).check(proof, never)).proven, false)
      assert.equal(listeners.seen['127.0.0.2'], 0, addresses.join())
    }
  })
})

/** Everything that leads a client from the host to another place, and tricks that make it look like the same one. */
const lures = [
  'http://127.0.0.2/',
  'https://127.0.0.2/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.2]/',
  'http://2130706434/',
  'http://0x7f.0.0.2/',
  'http://0177.0.0.2/',
  'http://127.2/',
  'http://localhost/',
  'http://internal.example.com/',
  '//127.0.0.2/',
  '///127.0.0.2/',
  String.raw`\\127.0.0.2\x`,
  String.raw`http:\\127.0.0.2/`,
  `http://${name}@127.0.0.2/`,
  `http://${name}:80@127.0.0.2/`,
  `http://user@${name}/`,
  `http://:secret@${name}/`,
  String.raw`http://127.0.0.2\@${'target.example.com'}/`,
  `http://127.0.0.2#@${name}/`,
  `http://127.0.0.2?@${name}/`,
  `http://${name}.127.0.0.2.example.net/`,
  `http://${name}:22/`,
  `http://${name}:6379/`,
  `http://${name}:443/`,
  `https://${name}:80/`,
  'gopher://127.0.0.2:6379/_FLUSHALL',
  'ftp://127.0.0.2/',
  'file:///etc/passwd',
  'data:text/plain,x',
  `ws://${name}/`,
]

describe('a redirect', () => {
  it('away from the host is not followed, whatever it looks like', async () => {
    const dns = await startDnsServer()
    try {
      dns.setAddresses(name, ['127.0.0.1'])
      for (const other of ['localhost', 'internal.example.com', `${name}.127.0.0.2.example.net`]) dns.setAddresses(other, ['127.0.0.2'])
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      for (const lure of lures) {
        await using listeners = await listen({ '127.0.0.1': redirectTo(lure), '127.0.0.2': holds, '::1': holds })
        const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed: publicOnly }
        const { result, connects } = await countConnects(() => openDomainControl({ client, web }).check(proof, never))
        assert.deepEqual([result.proven, result.failure], [false, 'badRedirect'], lure)
        assert.deepEqual(listeners.seen, { '127.0.0.1': 2, '127.0.0.2': 0, '::1': 0 }, lure)
        assert.equal(connects, 2, lure)
        assert.equal(result.evidence.requests?.length, 2, lure)
      }
    } finally {
      await dns.close()
    }
  })

  it('to the same host and its other scheme keeps the configured ports', async () => {
    const dns = await startDnsServer()
    try {
      dns.setAddresses(name, ['127.0.0.1'])
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      await using listeners = await listen({ '127.0.0.1': redirectTo(`https://${name}:443${fileProofPath}`) })
      const web = { httpPort: listeners.port, httpsPort: listeners.port, allowed: publicOnly }
      const attempt = await openDomainControl({ client, web }).check(proof, never)
      assert.equal(attempt.failure, 'tls')
      assert.equal(listeners.seen['127.0.0.1'], 3)
    } finally {
      await dns.close()
    }
  })
})

describe('a web server that does harm', () => {
  const endless = 'x'.repeat(65_536)

  /** What a check says when http, https or both are served by raw sockets. */
  async function checkAgainst(serve: (socket: Socket) => void, timeoutMs = 5_000): Promise<{ attempt: ProofAttempt; ms: number }> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      serve(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const bound = server.address()
    assert.ok(bound !== null && typeof bound !== 'string')
    const dns = await startDnsServer()
    try {
      dns.setAddresses(name, ['127.0.0.1'])
      const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
      const web = { httpPort: bound.port, httpsPort: bound.port, allowed: publicOnly, timeoutMs }
      const started = performance.now()
      const attempt = await openDomainControl({ client, web }).check(proof, never)
      return { attempt, ms: performance.now() - started }
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
      await dns.close()
    }
  }

  it('is cut off when its body does not end', async () => {
    const { attempt } = await checkAgainst((socket) => {
      const pump = () => {
        while (socket.writable && socket.write(endless));
      }
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.on('drain', pump)
        pump()
      })
    })
    assert.equal(attempt.failure, 'tooLarge')
    assert.match(attempt.message, /larger than 64 KiB/)
  })

  it('is cut off when its headers do not end', async () => {
    const { attempt } = await checkAgainst((socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${endless}`))
    })
    assert.equal(attempt.failure, 'network')
    assert.match(attempt.message, /headers of more than 16 KiB/)
  })

  it('is cut off when its headers drip', async () => {
    const { attempt, ms } = await checkAgainst((socket) => {
      const timer = setInterval(() => socket.write('X: y\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n'))
    }, 400)
    assert.equal(attempt.failure, 'timeout')
    assert.match(attempt.message, /no complete answer from 127\.0\.0\.1 in time/)
    assert.ok(ms < 3_000, `${ms} ms`)
  })

  it('is cut off when it sends informational answers without end', async () => {
    const { attempt, ms } = await checkAgainst((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), 5)
      socket.on('close', () => clearInterval(timer))
    }, 400)
    assert.equal(attempt.proven, false)
    assert.ok(ms < 3_000, `${ms} ms`)
  })

  it('is cut off when it says nothing at all', async () => {
    const { attempt, ms } = await checkAgainst(() => undefined, 400)
    assert.equal(attempt.failure, 'timeout')
    assert.ok(ms < 3_000, `${ms} ms`)
  })

  it('is told apart when it speaks TLS on the port of HTTP, or plain HTTP on that of HTTPS', async () => {
    const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28])
    const { attempt: tls } = await checkAgainst((socket) => void socket.once('data', () => socket.end(alert)))
    assert.equal(tls.failure, 'network')
    assert.match(tls.message, /"https:.*: TLS failed \(\w+\) from 127\.0\.0\.1.*"http:.*: no HTTP answer \(.*\) from 127\.0\.0\.1/)
    const { attempt: plain } = await checkAgainst((socket) => void socket.once('data', () => socket.end(redirectTo('http://['))))
    assert.equal(plain.failure, 'badRedirect')
    assert.match(plain.message, /"https:.*: TLS failed \(\w+\) from 127\.0\.0\.1/)
  })

  it('is told apart by the code when a redirect leads to a TLS that fails', async () => {
    let requests = 0
    const { attempt } = await checkAgainst((socket) => {
      requests++
      if (requests === 1) return void socket.once('data', () => socket.destroy())
      socket.once('data', (data: Buffer) => socket.end(data[0] === 0x16 ? 'no TLS here' : redirectTo(`https://${name}/`)))
    })
    assert.equal(attempt.failure, 'tls')
    assert.match(attempt.message, /TLS failed/)
  })

  it('does not bring control characters into messages and records', async () => {
    const spiteful = '\u001B[2J\u0000\r\n<script>"\\\u202E'
    const { attempt } = await checkAgainst(
      (socket) =>
        void socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(spiteful)}\r\n\r\n${spiteful}`)),
    )
    assert.equal(attempt.failure, 'wrongValue')
    const { attempt: redirected } = await checkAgainst(
      (socket) => void socket.once('data', () => socket.end(redirectTo('ftp://x/\u001B"'))),
    )
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(JSON.stringify([attempt, redirected]), /\\u001b|[\u0000-\u001F\u007F-\u009F\u202E]/i)
  })
})
