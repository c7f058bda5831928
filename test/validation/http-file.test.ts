import 'reflect-metadata'
import assert from 'node:assert/strict'
import { randomBytes, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { describe, it } from 'node:test'
import type { Server } from 'node:net'
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509'
import { startDnsServer } from '../../demo/dns-server.ts'
import { openDomainControl } from '../../src/validation/domain-control.ts'
import type { DomainControlOptions } from '../../src/validation/domain-control.ts'
import { fileProofPath } from '../../src/validation/http-file.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import type { ProofAttempt } from '../../src/validation/proof.ts'

const token = '202604200000000abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklm'
const loopbackAllowed = { contains: (address: string) => address === '127.0.0.1' || address === '::1' }
const never = new AbortController().signal

interface Site {
  readonly http?: RequestListener
  readonly https?: RequestListener
  readonly addresses?: readonly string[]
  /** Where the name leads from the first request on. */
  readonly movesTo?: readonly string[]
  readonly web?: DomainControlOptions['web']
  readonly identifier?: string
  readonly signal?: AbortSignal
}

/** Runs one FILE check against a site on loopback. A scheme without a listener is a port where nobody listens. */
async function check(site: Site): Promise<{ attempt: ProofAttempt; seen: string[] }> {
  const seen: string[] = []
  const listen = (scheme: string, handle: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${scheme} ${request.headers.host} ${request.url}`)
    if (site.movesTo !== undefined) dns.setAddresses('example.com', site.movesTo)
    handle(request, response)
  }
  const http = createHttpServer(listen('http', site.http ?? notFound))
  const https = createHttpsServer(await credentials, listen('https', site.https ?? notFound))
  const dns = await startDnsServer()
  dns.setAddresses('example.com', site.addresses ?? ['127.0.0.1'])
  const [httpPort, httpsPort] = [await open(http, site.http !== undefined), await open(https, site.https !== undefined)]
  const client = createDnsClient({ resolvers: [dns], timeoutMs: 2000, tries: 1, randomBytes })
  const control = openDomainControl({ client, web: { httpPort, httpsPort, allowed: loopbackAllowed, timeoutMs: 5000, ...site.web } })
  try {
    const proof = { method: 'FILE', identifier: site.identifier ?? 'example.com', token, accountId: 1 } as const
    return { attempt: await control.check(proof, site.signal ?? never), seen }
  } finally {
    for (const server of [http, https]) {
      server.closeAllConnections()
      server.close()
    }
    await dns.close()
  }
}

async function open(server: Server, stays: boolean): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address !== 'string')
  if (!stays) server.close()
  return address.port
}

const credentials = createCredentials()

async function createCredentials() {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=self-signed', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } },
    webcrypto,
  )
  return {
    key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    cert: certificate.toString('pem'),
  }
}

const notFound: RequestListener = (_, response) => void response.writeHead(404).end()
const serve =
  (body: string | Uint8Array, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(body)
const redirect =
  (location: string, status = 302): RequestListener =>
  (request, response) =>
    request.url === fileProofPath ? void response.writeHead(status, { location }).end() : void response.end(token)

describe('a FILE proof', () => {
  it('holds over https with a certificate that nobody trusts, and http is not asked then (BR 3.2.2.4.18)', async () => {
    const { attempt, seen } = await check({ https: serve(token), http: serve('other') })
    assert.equal(attempt.proven, true)
    assert.match(
      attempt.message,
      /^Asked for "https:\/\/example\.com\/\.well-known\/pki-validation\/fileauth\.txt": the expected value is there\.$/,
    )
    assert.deepEqual(seen, [`https example.com ${fileProofPath}`])
    assert.deepEqual(
      attempt.evidence.requests?.map(({ url, address, status }) => ({ url, address, status })),
      [{ url: `https://example.com${fileProofPath}`, address: '127.0.0.1', status: 200 }],
    )
    assert.deepEqual(JSON.parse(JSON.stringify(attempt.evidence)), attempt.evidence)
  })

  it('holds over http when nobody listens for https, or the file is not there', async () => {
    assert.equal((await check({ http: serve(token) })).attempt.proven, true)
    const { attempt, seen } = await check({ http: serve(token), https: notFound })
    assert.equal(attempt.proven, true)
    assert.equal(seen.length, 2)
  })

  it('holds when any line matches, whatever the ends of lines and the mark at the start', async () => {
    for (const body of [`${token}\n`, `other\r\n${token}\r\nmore`, `\ufeff${token}`, `  ${token}\t`]) {
      assert.equal((await check({ http: serve(body) })).attempt.proven, true, JSON.stringify(body))
    }
  })

  it('does not hold when a line only contains the token', async () => {
    for (const body of [`x${token}`, `${token}x`, `<p>${token}</p>`, token.toUpperCase(), token.slice(1), '']) {
      const { attempt } = await check({ http: serve(body) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'wrongValue'], body)
    }
  })

  it('does not hold with another status than 2xx (BR 3.2.2.4.18)', async () => {
    for (const status of [199 + 201, 401, 404, 500, 304]) {
      const { attempt } = await check({ http: serve(status === 304 ? '' : token, status) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'httpStatus'], String(status))
    }
  })

  it('never proves a wildcard (BR 3.2.2.4.18)', async () => {
    const { attempt, seen } = await check({ http: serve(token), https: serve(token), identifier: '*.example.com' })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'wildcard'])
    assert.deepEqual(seen, [])
  })

  it('tells address, status and size of what was seen instead, and nothing of the page', async () => {
    const { attempt } = await check({ https: serve('the page of\nsomebody é', 203) })
    assert.equal(attempt.failure, 'wrongValue')
    assert.ok(
      attempt.message.includes(': 127.0.0.1 answered with status 203 and 23 octets, no line of which is the expected value. Asked'),
      attempt.message,
    )
    assert.doesNotMatch(JSON.stringify(attempt), /somebody|the page/)
  })
})

describe('the guarded HTTP client', () => {
  it('does not contact a special-use address, and names the setting that could allow it', async () => {
    const { attempt, seen } = await check({ http: serve(token), https: serve(token), web: { allowed: { contains: () => false } } })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'forbiddenAddress'])
    assert.match(attempt.message, /127\.0\.0\.1 .*CHANCERY_VALIDATION_ALLOW_CIDRS/)
    assert.deepEqual(seen, [])
  })

  it('judges the address it connects to: an allowed IPv6 address does not open a forbidden IPv4 one', async () => {
    const { attempt, seen } = await check({
      http: serve(token),
      addresses: ['::1', '127.0.0.1'],
      web: { allowed: { contains: (address) => address === '::1' } },
    })
    assert.equal(attempt.failure, 'forbiddenAddress')
    assert.deepEqual(seen, [])
  })

  it('tries IPv6 first and then one IPv4 address', async () => {
    const { attempt } = await check({ http: serve(token), addresses: ['127.0.0.1', '::1'] })
    assert.equal(attempt.proven, true)
    assert.deepEqual(
      attempt.evidence.requests?.map((request) => request.address),
      ['::1', '127.0.0.1', '::1', '127.0.0.1'],
    )
  })

  it('follows 301, 302, 307 and 308 on the same host, also between http and https (BR 3.2.2.4.18)', async () => {
    for (const status of [301, 302, 307, 308]) {
      assert.equal((await check({ http: redirect('/else?x=1#y', status) })).attempt.proven, true, String(status))
    }
    const { attempt, seen } = await check({ https: redirect('http://EXAMPLE.com:80/else'), http: redirect('/never') })
    assert.equal(attempt.proven, true)
    assert.deepEqual(seen, [`https example.com ${fileProofPath}`, 'http example.com /else'])
  })

  it('stays at the addresses that it found first, whatever the DNS says later in the look', async () => {
    for (const site of [{ http: redirect('/else') }, { https: notFound, http: serve(token) }]) {
      const { attempt } = await check({ ...site, movesTo: ['10.0.0.1'] })
      assert.equal(attempt.proven, true, attempt.message)
      assert.deepEqual([...new Set(attempt.evidence.requests?.map(({ address }) => address))], ['127.0.0.1'])
      assert.equal(attempt.evidence.queries.length, 2)
    }
  })

  it('follows no redirect that leads elsewhere', async () => {
    const elsewhere = [
      'http://other.example/',
      'http://127.0.0.1/',
      '//other.example/',
      'http://example.com:8080/',
      'http://example.com:443/',
      'https://example.com:80/',
      'ftp://example.com/',
      'file:///etc/passwd',
      'http://user:secret@example.com/',
      'http://example.com.other.example/',
      'http://',
      `/${token}`,
    ]
    for (const location of elsewhere) {
      const { attempt, seen } = await check({ http: redirect(location) })
      assert.deepEqual([attempt.proven, attempt.failure], [false, 'badRedirect'], location)
      assert.equal(seen.length, 1)
    }
  })

  it('takes 303 and a redirect without a target for failures (BR 3.2.2.4.18)', async () => {
    assert.equal((await check({ http: redirect('/else', 303) })).attempt.failure, 'httpStatus')
    assert.equal((await check({ http: serve(token, 302) })).attempt.failure, 'badRedirect')
  })

  it('gives up after 5 redirects', async () => {
    let hop = 0
    const { attempt, seen } = await check({ http: (_, response) => void response.writeHead(302, { location: `/${(hop += 1)}` }).end() })
    assert.equal(attempt.failure, 'badRedirect')
    assert.equal(seen.length, 6)
  })

  it('reads 64 KiB and not more', async () => {
    const padding = (size: number) => `${'x'.repeat(size - token.length - 1)}\n${token}`
    assert.equal((await check({ http: serve(padding(64 * 1024)) })).attempt.proven, true)
    assert.equal((await check({ http: serve(padding(64 * 1024 + 1)) })).attempt.failure, 'tooLarge')
  })

  it('limits headers to 16 KiB', async () => {
    const { attempt } = await check({ http: (_, response) => void response.writeHead(200, { padding: 'x'.repeat(20_000) }).end(token) })
    assert.equal(attempt.failure, 'network')
  })

  it('limits the time of a server that drips', async () => {
    const drip: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write('x\n'), 20)
      response.on('close', () => clearInterval(timer))
    }
    const { attempt } = await check({ http: drip, web: { timeoutMs: 500 } })
    assert.equal(attempt.failure, 'timeout')
    assert.equal(attempt.evidence.requests?.at(-1)?.error, 'timeout')
  })

  it('survives a server that speaks no HTTP, or hangs up', async () => {
    const spoil =
      (octets: string): RequestListener =>
      (request) =>
        void request.socket.end(octets)
    for (const octets of [
      '',
      'SSH-2.0-OpenSSH\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ]) {
      assert.equal((await check({ http: spoil(octets), web: { timeoutMs: 500 } })).attempt.proven, false, octets)
    }
  })

  it('tells apart what is wrong with the name', async () => {
    assert.equal((await check({ identifier: 'gone.example.com' })).attempt.failure, 'nxdomain')
    assert.equal((await check({ addresses: [] })).attempt.failure, 'noRecord')
    assert.equal((await check({})).attempt.failure, 'network')
  })

  it('rejects with the reason of the signal when that aborts', async () => {
    const abort = new AbortController()
    const hang: RequestListener = () => abort.abort(new Error('lease ended'))
    await assert.rejects(check({ http: hang, signal: abort.signal }), /lease ended/)
  })
})
