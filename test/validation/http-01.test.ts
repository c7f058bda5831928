import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { describe, it } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import type { DomainControlOptions } from '../../src/validation/domain-control.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import { createAlpnCertificate } from './alpn-certificates.ts'

const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const keyAuthorization = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`
const path = `/.well-known/acme-challenge/${token}`
const name = 'www.example.com'
const other = 'acme.example.net'
const inside = 'inside.example.net'
const never = new AbortController().signal
/** In these tests 127.0.0.1 and ::1 play public addresses, and 127.0.0.2 a private one. */
const loopbackAllowed = { contains: (address: string) => address === '127.0.0.1' || address === '::1' }

interface Site {
  readonly http?: RequestListener
  readonly https?: RequestListener
  readonly identifier?: string
  readonly addresses?: readonly string[]
  readonly web?: DomainControlOptions['web']
  readonly signal?: AbortSignal
  /** Where http listens; all of loopback if not given. */
  readonly listen?: string
}

const { key, cert } = createAlpnCertificate({ names: [{ dns: 'nobody.example' }] })

async function check(site: Site) {
  const seen: string[] = []
  const sent: string[] = []
  const listen = (scheme: string, handle: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${scheme} ${request.method} ${request.headers.host} ${request.url}`)
    sent.push(request.rawHeaders.join('\n'))
    handle(request, response)
  }
  const http = createHttpServer(listen('http', site.http ?? notFound))
  const https = createHttpsServer({ key, cert }, listen('https', site.https ?? notFound))
  const dns = await startDnsServer()
  dns.setAddresses(name, site.addresses ?? ['127.0.0.1'])
  dns.setAddresses(other, ['127.0.0.1'])
  dns.setAddresses(inside, ['127.0.0.2'])
  const [httpPort, httpsPort] = [await open(http, site.listen ?? '::'), await open(https, '::')]
  const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
  const control = openDomainControl({ client, web: { httpPort, httpsPort, allowed: loopbackAllowed, timeoutMs: 5000, ...site.web } })
  try {
    const proof = { method: 'http-01', identifier: site.identifier ?? name, token, keyAuthorization, accountId: 1 } as const
    return { attempt: await control.check(proof, site.signal ?? never), seen, sent }
  } finally {
    for (const server of [http, https]) {
      server.closeAllConnections()
      server.close()
    }
    await dns.close()
  }
}

async function open(server: Server, address: string): Promise<number> {
  server.listen(0, address)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const notFound: RequestListener = (_, response) => void response.writeHead(404).end()
const serve =
  (body: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(body)
const redirect =
  (location: string, status = 302): RequestListener =>
  (request, response) =>
    request.url === path ? void response.writeHead(status, { location }).end() : void response.end(keyAuthorization)

describe('an http-01 challenge', () => {
  it('61. is one GET over http with the name as Host (RFC 8555 8.3)', async () => {
    const { attempt, seen, sent } = await check({ http: serve(keyAuthorization), https: serve(keyAuthorization) })
    assert.equal(attempt.proven, true)
    assert.deepEqual(seen, [`http GET ${name} ${path}`])
    assert.ok(!sent.join().includes(keyAuthorization), 'the expected value is not in the request')
    assert.equal(
      attempt.message,
      `Asked for "http://${name}${path.slice(0, 100 - 7 - name.length)}": 127.0.0.1 answered with the key authorization.`,
    )
  })

  it('61. keeps what was asked and seen, A and AAAA asked once (BR 5.4.1)', async () => {
    const { attempt } = await check({ http: serve(keyAuthorization) })
    assert.equal(attempt.evidence.method, 'http-01')
    assert.deepEqual(attempt.evidence.queries.map(({ type }) => type).sort(), ['A', 'AAAA'])
    assert.deepEqual(
      attempt.evidence.requests?.map(({ address, status }) => ({ address, status })),
      [{ address: '127.0.0.1', status: 200 }],
    )
    assert.deepEqual(JSON.parse(JSON.stringify(attempt.evidence)), attempt.evidence)
  })

  it('61. ignores white space at the end of the body, and nothing else (RFC 8555 8.3)', async () => {
    for (const end of ['\n', '\r\n', ' \t\r\n\n']) {
      assert.equal((await check({ http: serve(keyAuthorization + end) })).attempt.proven, true, JSON.stringify(end))
    }
    const wrong = [
      ` ${keyAuthorization}`,
      `${keyAuthorization}x`,
      `${keyAuthorization}\n${keyAuthorization}`,
      token,
      '',
      keyAuthorization.toUpperCase(),
    ]
    for (const body of wrong) {
      const { attempt } = await check({ http: serve(body) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'wrongValue'], body)
    }
  })

  it('61. and 77. tells address, status and size of a wrong answer, and never its text (RFC 8555 8.3)', async () => {
    const { attempt } = await check({ http: serve('internal-secret-page') })
    assert.match(attempt.message, /: 127\.0\.0\.1 answered with status 200 and 20 octets that are not the key authorization\.$/)
    assert.doesNotMatch(JSON.stringify(attempt), /internal-secret/)
    const { attempt: missing } = await check({ http: serve('internal-secret-page', 404) })
    assert.match(missing.message, /: status 404\.$/)
    assert.doesNotMatch(JSON.stringify(missing), /internal-secret/)
  })

  it('61. counts no status but 2xx (BR 3.2.2.4.19)', async () => {
    for (const status of [400, 401, 404, 410, 500, 503]) {
      const { attempt } = await check({ http: serve(keyAuthorization, status) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'httpStatus'], String(status))
    }
    assert.equal((await check({ http: serve(keyAuthorization, 203) })).attempt.proven, true)
  })

  it('reads 1 KiB and not more', async () => {
    assert.equal((await check({ http: serve(keyAuthorization.padEnd(1024)) })).attempt.proven, true)
    const { attempt } = await check({ http: serve(keyAuthorization.padEnd(1025)) })
    assert.equal(attempt.failure, 'tooLarge')
    assert.match(attempt.message, /larger than 1 KiB/)
  })

  it('takes bodies in chunks and informational answers', async () => {
    const { attempt } = await check({
      http: (_, response) => {
        response.writeEarlyHints({ link: '</x>' })
        response.write(keyAuthorization.slice(0, 10))
        response.end(keyAuthorization.slice(10))
      },
    })
    assert.equal(attempt.proven, true)
  })

  it('61. follows 301, 302, 307 and 308 to other hosts and to https with any certificate (BR 3.2.2.4.19)', async () => {
    for (const status of [301, 302, 307, 308]) {
      const { attempt, seen } = await check({ http: redirect(`https://${other}/x?y=1#z`, status), https: serve(keyAuthorization) })
      assert.equal(attempt.proven, true, attempt.message)
      assert.deepEqual(seen, [`http GET ${name} ${path}`, `https GET ${other} /x?y=1`])
      assert.equal(attempt.evidence.queries.length, 4)
    }
    const { attempt } = await check({ http: redirect(`http://${other.toUpperCase()}:80/x`) })
    assert.equal(attempt.proven, true)
    for (const status of [300, 303, 305]) assert.equal((await check({ http: redirect('/x', status) })).attempt.failure, 'httpStatus')
  })

  it('61. follows 10 redirects and not more (RFC 8555 8.3)', async () => {
    const hops = (last: number): RequestListener => {
      let hop = 0
      return (_, response) =>
        (hop += 1) > last ? void response.end(keyAuthorization) : void response.writeHead(302, { location: `/${hop}` }).end()
    }
    assert.equal((await check({ http: hops(10) })).attempt.proven, true)
    const { attempt, seen } = await check({ http: hops(11) })
    assert.equal(attempt.failure, 'badRedirect')
    assert.equal(seen.length, 11)
  })

  it('follows no redirect to a literal address, another port or scheme, with a password, too long or with the expected value', async () => {
    const elsewhere = [
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      `http://${other}:8080/`,
      `http://${other}:443/`,
      `https://${other}:80/`,
      `ftp://${other}/`,
      'file:///etc/passwd',
      `http://user:secret@${other}/`,
      `http://${other}/${keyAuthorization}`,
      `http://${other}/${'x'.repeat(2_000)}`,
      'http://',
    ]
    for (const location of elsewhere) {
      const { attempt, seen } = await check({ http: redirect(location) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'badRedirect'], location)
      assert.equal(seen.length, 1, location)
    }
  })

  it('judges the addresses of every hop', async () => {
    const { attempt, seen } = await check({ http: redirect(`http://${inside}/x`) })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'forbiddenAddress'])
    assert.match(attempt.message, /127\.0\.0\.2 .*CHANCERY_VALIDATION_ALLOW_CIDRS/)
    assert.equal(seen.length, 1)
    const refused = await check({ http: serve(keyAuthorization), web: { allowed: { contains: () => false } } })
    assert.deepEqual([refused.attempt.failure, refused.seen], ['forbiddenAddress', []])
  })

  it('tries one IPv6 address first and then one IPv4 address once', async () => {
    const addresses = ['127.0.0.1', '::1']
    const fallsBack = await check({ http: serve(keyAuthorization), listen: '127.0.0.1', addresses })
    assert.equal(fallsBack.attempt.proven, true)
    assert.deepEqual(
      fallsBack.attempt.evidence.requests?.map(({ address, error }) => [address, error]),
      [
        ['::1', 'network'],
        ['127.0.0.1', undefined],
      ],
    )
    const answered = await check({ http: notFound, addresses })
    assert.equal(answered.attempt.failure, 'httpStatus')
    assert.deepEqual(
      answered.attempt.evidence.requests?.map(({ address }) => address),
      ['::1'],
    )
  })

  it('86. asks an address directly, with the literal as Host (RFC 8738 4)', async () => {
    for (const [identifier, host] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '[::1]'],
    ] as const) {
      const { attempt, seen } = await check({ http: serve(keyAuthorization), identifier })
      assert.equal(attempt.proven, true, attempt.message)
      assert.deepEqual(seen, [`http GET ${host} ${path}`])
      assert.deepEqual(attempt.evidence.queries, [])
      const moved = await check({ http: redirect(`https://${host}/x`), https: serve(keyAuthorization), identifier })
      assert.equal(moved.attempt.proven, true, moved.attempt.message)
      assert.deepEqual(moved.seen.slice(1), [`https GET ${host} /x`])
    }
    const { attempt, seen } = await check({ http: serve(keyAuthorization), identifier: '127.0.0.2' })
    assert.deepEqual([attempt.failure, seen], ['forbiddenAddress', []])
  })

  it('65. never proves a wildcard (RFC 8555 7.1.3)', async () => {
    const { attempt, seen } = await check({ http: serve(keyAuthorization), identifier: `*.${name}` })
    assert.deepEqual([attempt.proven, attempt.failure, seen], [false, 'wildcard', []])
  })

  it('tells apart what is wrong with the name and the connection', async () => {
    const { attempt: gone } = await check({ identifier: 'gone.example.com' })
    assert.deepEqual([gone.failure, gone.lookUpFailed], ['nxdomain', true])
    assert.match(gone.message, /: no address of "gone\.example\.com" \(the name does not exist\)\.$/)
    assert.equal((await check({ addresses: [] })).attempt.failure, 'noRecord')
    const { attempt: lost } = await check({ http: redirect('http://gone.example.com/') })
    assert.deepEqual([lost.failure, lost.lookUpFailed], ['nxdomain', true])
    const hangUp: RequestListener = (request) => void request.socket.destroy()
    const { attempt } = await check({ http: hangUp })
    assert.deepEqual([attempt.failure, attempt.lookUpFailed], ['network', undefined])
    assert.match(attempt.message, /from 127\.0\.0\.1\.$/)
  })

  it('ends in time with a server that drips, and with the signal', async () => {
    const drip: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    const started = performance.now()
    const { attempt } = await check({ http: drip, web: { timeoutMs: 300 } })
    assert.equal(attempt.failure, 'timeout')
    assert.ok(performance.now() - started < 3_000)
    const abort = new AbortController()
    await assert.rejects(check({ http: () => abort.abort(new Error('lease ended')), signal: abort.signal }), /lease ended/)
  })
})
