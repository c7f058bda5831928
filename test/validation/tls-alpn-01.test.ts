import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, createServer as createTcpServer } from 'node:net'
import { describe, it } from 'node:test'
import { type TLSSocket, type TlsOptions, createServer as createTlsServer } from 'node:tls'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import type { DomainControlOptions } from '../../src/validation/domain-control.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import { encodeTlv, tags } from '../../src/x509/der-writer.ts'
import { parseIpAddress } from '../../src/x509/ip-address.ts'
import { oids } from '../../src/x509/oid.ts'
import { type AlpnCertificateOptions, acmeIdentifier, createAlpnCertificate, extension } from './alpn-certificates.ts'

const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const keyAuthorization = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`
const digest = createHash('sha256').update(keyAuthorization).digest()
const name = 'www.example.com'
const right: AlpnCertificateOptions = { names: [{ dns: name }], digest }
const never = new AbortController().signal
const loopbackAllowed = { contains: (address: string) => address === '127.0.0.1' || address === '::1' }

interface Place {
  readonly identifier?: string
  readonly addresses?: readonly string[]
  readonly web?: DomainControlOptions['web']
  readonly signal?: AbortSignal
  readonly listen?: string
  /** What the server is still to see before it is closed. */
  readonly until?: Promise<unknown>
}

/** Runs one check against a server on loopback. */
async function checkAgainst(server: Server, place: Place = {}) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, place.listen ?? '::')
  await once(server, 'listening')
  const dns = await startDnsServer()
  dns.setAddresses(name, place.addresses ?? ['127.0.0.1'])
  const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
  const web = { tlsAlpnPort: (server.address() as AddressInfo).port, allowed: loopbackAllowed, timeoutMs: 5000, ...place.web }
  try {
    const proof = { method: 'tls-alpn-01', identifier: place.identifier ?? name, token, keyAuthorization, accountId: 1 } as const
    const attempt = await openDomainControl({ client, web }).check(proof, place.signal ?? never)
    await place.until
    return attempt
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await dns.close()
  }
}

/** A TLS server as a client of ACME would run it, with what is told changed. */
function serve(
  certificate: AlpnCertificateOptions,
  options: TlsOptions = {},
): Server & { on(event: 'secureConnection', listener: (socket: TLSSocket) => void): Server } {
  const server = createTlsServer({ ...createAlpnCertificate(certificate), ALPNProtocols: ['acme-tls/1'], ...options })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => socket.on('error', () => undefined))
  return server
}

function assertRefused(attempt: Awaited<ReturnType<typeof checkAgainst>>, failure: string, message: RegExp): void {
  assert.deepEqual([attempt.proven, attempt.failure], [false, failure], attempt.message)
  assert.match(attempt.message, message)
}

describe('a tls-alpn-01 challenge', () => {
  it('81. is one handshake with the name as SNI and acme-tls/1 as the only protocol (RFC 8737 3)', async () => {
    const seen: unknown[] = []
    const certificate = createAlpnCertificate(right)
    const server = createTlsServer({
      key: certificate.key,
      cert: certificate.cert,
      ALPNCallback: ({ servername, protocols }) => {
        seen.push({ servername, protocols })
        return protocols[0]
      },
    })
    const attempt = await checkAgainst(server)
    assert.equal(attempt.proven, true, attempt.message)
    assert.deepEqual(seen, [{ servername: name, protocols: ['acme-tls/1'] }])
    assert.equal(attempt.message, 'Asked "www.example.com" for acme-tls/1: 127.0.0.1 showed the expected certificate.')
    const [handshake, ...others] = attempt.evidence.handshakes ?? []
    assert.deepEqual(others, [])
    assert.deepEqual(
      { ...handshake, ms: 0 },
      {
        address: '127.0.0.1',
        serverName: name,
        ms: 0,
        version: 'TLSv1.3',
        protocol: '"acme-tls/1"',
        certificateSha256: createHash('sha256').update(certificate.der).digest('hex'),
      },
    )
    assert.deepEqual(JSON.parse(JSON.stringify(attempt.evidence)), attempt.evidence)
  })

  it('81. holds over TLS 1.2 and not over TLS 1.1 (RFC 8737 4)', async () => {
    const second = await checkAgainst(serve(right, { maxVersion: 'TLSv1.2' }))
    assert.deepEqual([second.proven, second.evidence.handshakes?.[0]?.version], [true, 'TLSv1.2'], second.message)
    const old = serve(right, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    assertRefused(await checkAgainst(old), 'tls', /TLS failed \(\w+\) from 127\.0\.0\.1\.$/)
  })

  it('82. fails with a server that chooses no protocol, or offers others (RFC 8737 3)', async () => {
    const { key, cert } = createAlpnCertificate(right)
    const silent = createTlsServer({ key, cert })
    silent.on('tlsClientError', () => undefined)
    assertRefused(await checkAgainst(silent), 'tls', /127\.0\.0\.1 did not choose that protocol/)
    assertRefused(
      await checkAgainst(serve(right, { ALPNProtocols: ['http/1.1', 'h2'] })),
      'tls',
      /TLS failed \(\w*ALERT_NO_APPLICATION_PROTOCOL\)/,
    )
  })

  it('83. asks for exactly one dNSName, octet for octet (RFC 8737 3)', async () => {
    const wrong: AlpnCertificateOptions['names'][] = [
      [{ dns: 'WWW.example.com' }],
      [{ dns: 'example.com' }],
      [{ dns: '*.example.com' }],
      [{ dns: `${name}.` }],
      [{ dns: name }, { dns: 'example.com' }],
      [{ dns: name }, { dns: name }],
      [{ dns: name }, { ip: Uint8Array.of(127, 0, 0, 1) }],
      [{ email: `x@${name}` }, { dns: name }],
      [{ email: name }],
      [{ ip: Buffer.from(name) }],
      [],
    ]
    for (const names of wrong) {
      assertRefused(
        await checkAgainst(serve({ ...right, names })),
        'wrongValue',
        /subjectAltName .* where only dNSName "www\.example\.com" belongs/,
      )
    }
    assertRefused(await checkAgainst(serve({ ...right, withoutSan: true })), 'wrongValue', /has no subjectAltName/)
  })

  it('83. asks for a critical acmeIdentifier of 32 octets with the digest (RFC 8737 3)', async () => {
    const { digest: _, ...without } = right
    const wrong: [AlpnCertificateOptions, RegExp][] = [
      [without, /has no acmeIdentifier/],
      [{ ...right, critical: false }, /acmeIdentifier that is not critical/],
      [{ ...right, digest: digest.subarray(1) }, /of 31 octets instead of 32/],
      [{ ...right, digest: Buffer.concat([digest, digest]) }, /of 64 octets instead of 32/],
      [{ ...right, digest: createHash('sha256').update(token).digest() }, /another acmeIdentifier than the digest/],
      // The octets without the OCTET STRING around them, and in a string of another type.
      [
        { ...without, extra: [extension(oids.acmeIdentifier, true, Buffer.concat([Buffer.from([4, 31]), digest.subarray(1)]))] },
        /of 31 octets/,
      ],
      [{ ...without, extra: [extension(oids.acmeIdentifier, true, encodeTlv(tags.utf8String, digest))] }, /cannot be read/],
    ]
    for (const [certificate, message] of wrong) assertRefused(await checkAgainst(serve(certificate)), 'wrongValue', message)
  })

  it('83. fails when an extension is there twice (RFC 8737 3)', async () => {
    const other = createHash('sha256').update('other').digest()
    for (const again of [acmeIdentifier(digest), acmeIdentifier(other)]) {
      assertRefused(await checkAgainst(serve({ ...right, extra: [again] })), 'wrongValue', /cannot be read \(an extension twice\)/)
    }
  })

  it('83. asks for a certificate signed by its own key, and does not look at its dates (RFC 8737 3)', async () => {
    assert.equal((await checkAgainst(serve({ ...right, notAfter: Date.UTC(2021, 0, 1) }))).proven, true)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    assertRefused(await checkAgainst(serve({ ...right, signer: privateKey })), 'wrongValue', /is not signed by its own key/)
    assertRefused(await checkAgainst(serve({ ...right, issuer: 'somebody else' })), 'wrongValue', /is not signed by its own key/)
  })

  it('84. sends no application data and hangs up (RFC 8737 3)', async () => {
    const server = serve(right)
    const { promise, resolve } = Promise.withResolvers<string>()
    server.on('secureConnection', (socket: TLSSocket) => {
      let got = ''
      socket.on('data', (octets: Buffer) => (got += octets.toString('hex')))
      socket.on('close', () => resolve(`got ${got}`))
      socket.write('welcome')
    })
    assert.equal((await checkAgainst(server, { until: promise })).proven, true)
    assert.equal(await promise, 'got ')
  })

  it('86. asks an address by its reverse name, for an iPAddress (RFC 8738 6)', async () => {
    const reverse = { '127.0.0.1': '1.0.0.127.in-addr.arpa', '::1': `1.${'0.'.repeat(31)}ip6.arpa` }
    for (const [identifier, serverName] of Object.entries(reverse)) {
      const names: string[] = []
      const { key, cert } = createAlpnCertificate({ names: [{ ip: parseIpAddress(identifier) ?? assert.fail(identifier) }], digest })
      const server = createTlsServer({ key, cert, ALPNCallback: ({ servername, protocols }) => (names.push(servername), protocols[0]) })
      const attempt = await checkAgainst(server, { identifier })
      assert.equal(attempt.proven, true, attempt.message)
      assert.deepEqual(names, [serverName])
      assert.deepEqual(attempt.evidence.queries, [])
      for (const names of [[{ dns: identifier }], [{ dns: serverName }], [{ ip: Uint8Array.of(127, 0, 0, 2) }]]) {
        assertRefused(await checkAgainst(serve({ names, digest }), { identifier }), 'wrongValue', /where only iPAddress/)
      }
    }
  })

  it('judges the address that it connects to, and tries IPv6 first and then IPv4 once', async () => {
    const refused = await checkAgainst(serve(right), { web: { allowed: { contains: () => false } } })
    assertRefused(refused, 'forbiddenAddress', /CHANCERY_VALIDATION_ALLOW_CIDRS/)
    assertRefused(await checkAgainst(serve(right), { identifier: '127.0.0.2' }), 'forbiddenAddress', /127\.0\.0\.2/)
    const attempt = await checkAgainst(serve(right), { listen: '127.0.0.1', addresses: ['127.0.0.1', '::1'] })
    assert.deepEqual(
      [attempt.proven, attempt.evidence.handshakes?.map(({ address, error }) => [address, error])],
      [
        true,
        [
          ['::1', 'network'],
          ['127.0.0.1', undefined],
        ],
      ],
    )
    assertRefused(await checkAgainst(serve(right), { identifier: 'gone.example.com' }), 'nxdomain', /the name does not exist/)
  })

  it('65. never proves a wildcard (RFC 8555 7.1.3)', async () => {
    const attempt = await checkAgainst(serve({ ...right, names: [{ dns: `*.${name}` }] }), { identifier: `*.${name}` })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'wildcard'])
  })
})

describe('a server that does harm to a tls-alpn-01 challenge', () => {
  const raw = (handle: (socket: Socket) => void): Server => createTcpServer(handle)
  const record = Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00])

  it('is cut off when it says nothing, or drips', async () => {
    const drip = (socket: Socket): void => {
      socket.write(record)
      const timer = setInterval(() => socket.write(Buffer.of(2)), 20)
      socket.on('close', () => clearInterval(timer))
    }
    for (const server of [raw(() => undefined), raw(drip)]) {
      const started = performance.now()
      assertRefused(await checkAgainst(server, { web: { timeoutMs: 300 } }), 'timeout', /in time|within 300 ms/)
      assert.ok(performance.now() - started < 3_000)
    }
  })

  it('is told apart when it speaks no TLS, or hangs up', async () => {
    assertRefused(await checkAgainst(raw((socket) => void socket.end('SSH-2.0-OpenSSH\r\n'))), 'tls', /TLS failed/)
    assertRefused(await checkAgainst(raw((socket) => void socket.destroy())), 'network', /from 127\.0\.0\.1\.$/)
  })

  it('is cut off when its messages do not end', async () => {
    const endless = (socket: Socket): void => {
      const message = Buffer.concat([record, Buffer.from([2, 0xff, 0xff, 0xff]), Buffer.alloc(0x4000 - 4, 2)])
      const pump = (): void => {
        while (socket.writable && socket.write(message));
      }
      socket.on('drain', pump)
      pump()
    }
    assertRefused(await checkAgainst(raw(endless)), 'tls', /TLS failed/)
  })

  it('is refused with a chain of more than 100 KiB, and its further certificates count for nothing', async () => {
    const { key, cert } = createAlpnCertificate(right)
    const other = createAlpnCertificate({ names: [{ dns: name }] })
    const long = await checkAgainst(serve(right, { key, cert: cert + other.cert.repeat(400) }))
    assertRefused(long, 'tls', /TLS failed/)
    const second = await checkAgainst(serve(right, { key: other.key, cert: other.cert + cert }))
    assertRefused(second, 'wrongValue', /has no acmeIdentifier/)
  })

  it('does not bring control characters into messages and records', async () => {
    const attempt = await checkAgainst(serve({ ...right, names: [{ dns: '\u001B[2J\0\r\n"' }] }))
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(JSON.stringify(attempt), /\\u001b|[\u0000-\u001F\u007F-\u009F]/i)
    assert.equal(attempt.failure, 'wrongValue')
  })

  it('is left when the signal aborts', async () => {
    const abort = new AbortController()
    const server = raw(() => abort.abort(new Error('lease ended')))
    await assert.rejects(checkAgainst(server, { signal: abort.signal }), /lease ended/)
  })
})
