import assert from 'node:assert/strict'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startDnsServer } from '../../demo/dns-server.ts'
import { type ChallengeProof, openDomainControl } from '../../src/validation/domain-control.ts'
import type { DomainControlOptions } from '../../src/validation/domain-control.ts'
import { createDnsClient } from '../../src/validation/net/dns-client.ts'
import { reportNotRun } from '../support/not-run.ts'
import { chooseUdpPort, missingPackages, startDnsServers } from './dns-servers.ts'
import { findPort, nginx, startNginx } from './nginx-server.ts'

const run = promisify(execFile)
const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const keyAuthorization = `${token}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`
const digest = createHash('sha256').update(keyAuthorization).digest()
const never = new AbortController().signal
const allowed = { contains: (address: string) => address === '127.0.0.1' }

function check(
  method: ChallengeProof['method'],
  identifier: string,
  resolver: { address: string; port: number },
  web: DomainControlOptions['web'] = {},
) {
  const client = createDnsClient({ resolvers: [resolver], timeoutMs: 2000, tries: 1, randomBytes })
  const control = openDomainControl({ client, web: { ...web, allowed } })
  return control.check({ method, identifier, token, keyAuthorization, accountId: 1 }, never)
}

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
}

describe('challenges with foreign servers', () => {
  it('http-01: nginx serves the file, or leads to where it is over https (61)', { timeout: 60_000 }, async (t) => {
    if (nginx === undefined) {
      reportNotRun('http-01 with nginx', 'nginx is not installed')
      return t.skip()
    }
    await using web = await startNginx(nginx)
    await using dns = { ...(await startDnsServer()), [Symbol.asyncDispose]: () => dns.close() }
    for (const site of ['plain.example.com', 'moved.example.com', 'secure.example.com']) dns.setAddresses(site, ['127.0.0.1'])
    const ports = { httpPort: web.httpPort, httpsPort: web.httpsPort }
    const file = `/.well-known/acme-challenge/${token}`
    assert.deepEqual((await check('http-01', 'plain.example.com', dns, ports)).failure, 'httpStatus')
    for (const site of ['plain.example.com', 'secure.example.com']) web.putFile(site, file, `${keyAuthorization}\n`)
    for (const name of ['plain.example.com', 'moved.example.com']) {
      const attempt = await check('http-01', name, dns, ports)
      assert.equal(attempt.proven, true, attempt.message)
    }
    const log = web.accessLog()
    assert.match(log, /^http plain\.example\.com GET \/\.well-known\/acme-challenge\/\S+ HTTP\/1\.1 200$/m)
    assert.match(log, /^http moved\.example\.com GET \S+ HTTP\/1\.1 301\nhttps secure\.example\.com GET \S+ HTTP\/1\.1 200$/m)
  })

  const missing = missingPackages()
  if (missing.length > 0) reportNotRun('dns-01 with unbound and nsd', `install ${missing.join(', ')}`)
  it('dns-01: nsd serves the record and unbound validates it (62)', { skip: missing.length > 0, timeout: 60_000 }, async () => {
    const port = await chooseUdpPort()
    const value = digest.toString('base64url')
    const servers = await startDnsServers(port, [
      { name: 'example.com', kind: 'signed', txt: { '_acme-challenge.www.example.com': value } },
      { name: 'example.org', kind: 'tampered', txt: { '_acme-challenge.www.example.org': value } },
    ])
    try {
      const resolver = { address: '127.0.0.1', port }
      let attempt = await check('dns-01', 'www.example.com', resolver)
      // unbound takes a moment to come up.
      for (let tries = 0; !attempt.proven && tries < 50; tries += 1) {
        await sleep(200)
        attempt = await check('dns-01', 'www.example.com', resolver)
      }
      assert.equal(attempt.proven, true, attempt.message)
      assert.equal(attempt.evidence.queries.at(-1)?.ad, true)
      const tampered = await check('dns-01', 'www.example.org', resolver)
      assert.deepEqual([tampered.proven, tampered.failure], [false, 'servfail'], tampered.message)
    } finally {
      await servers.close()
    }
  })

  it('tls-alpn-01: openssl makes the certificate and serves it (81, 83)', { timeout: 60_000 }, async (t) => {
    if (!hasOpenssl()) {
      reportNotRun('tls-alpn-01 with openssl s_server', 'openssl is not installed')
      return t.skip()
    }
    await using dns = { ...(await startDnsServer()), [Symbol.asyncDispose]: () => dns.close() }
    dns.setAddresses('www.example.com', ['127.0.0.1'])
    for (const [newKey, san, identifier] of [
      ['rsa:2048', 'DNS:www.example.com', 'www.example.com'],
      ['ed25519', 'DNS:www.example.com', 'www.example.com'],
      ['rsa:2048', 'IP:127.0.0.1', '127.0.0.1'],
    ] as const) {
      await using server = await startServer(newKey, san, 'acme-tls/1')
      const attempt = await check('tls-alpn-01', identifier, dns, { tlsAlpnPort: server.port })
      assert.equal(attempt.proven, true, `${newKey}: ${attempt.message}`)
    }
    await using other = await startServer('rsa:2048', 'DNS:www.example.com', 'http/1.1')
    const attempt = await check('tls-alpn-01', 'www.example.com', dns, { tlsAlpnPort: other.port })
    assert.deepEqual([attempt.proven, attempt.failure], [false, 'tls'], attempt.message)
  })
})

/** `openssl s_server` with a certificate that `openssl req` made, without a subject. */
async function startServer(newKey: string, san: string, protocol: string) {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-openssl-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const extensions = [`subjectAltName=${san}`, `1.3.6.1.5.5.7.1.31=critical,DER:0420${digest.toString('hex')}`]
  const made = ['-newkey', newKey, '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/']
  await run('openssl', ['req', '-x509', ...made, ...extensions.flatMap((one) => ['-addext', one])])
  const port = await findPort()
  const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert, '-alpn', protocol, '-quiet'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await waitForPort(port, child)
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`openssl ended with status ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
  }
  throw new Error('openssl does not listen')
}
