import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startDnsServer } from '../../demo/dns-server.ts'
import { application, succeed } from '../emulator/call-service.ts'
import { startServiceProcess } from '../emulator/service-process.ts'
import { reportNotRun } from '../support/not-run.ts'

const run = promisify(execFile)
const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find((path) => existsSync(path))

async function findPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

interface Nginx extends AsyncDisposable {
  readonly httpPort: number
  readonly httpsPort: number
  /** Puts a file where the site of that name serves it, as its owner would. */
  putFile(site: string, uri: string, content: string): void
  accessLog(): string
}

/** nginx with two sites: `plain.example.com` over http alone, `secure.example.com` over https with a self-signed certificate. */
async function startNginx(binary: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-nginx-'))
  // Its workers may run as another user.
  chmodSync(folder, 0o755)
  const [httpPort, httpsPort] = [await findPort(), await findPort()]
  const [key, certificate] = [join(folder, 'site.key'), join(folder, 'site.crt')]
  const subject = ['-subj', '/CN=secure.example.com', '-days', '2', '-nodes']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  await run('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', certificate])
  for (const site of ['plain.example.com', 'secure.example.com']) mkdirSync(join(folder, site))
  writeFileSync(join(folder, 'nginx.conf'), configure({ folder, httpPort, httpsPort, key, certificate }))
  const child = spawn(binary, ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitForPort(httpPort, child)
  } catch (error) {
    const log = existsSync(join(folder, 'error.log')) ? readFileSync(join(folder, 'error.log'), 'utf8') : ''
    await stop()
    throw new Error(`nginx did not start: ${log}`, { cause: error })
  }
  return {
    httpPort,
    httpsPort,
    putFile(site, uri, content) {
      const file = join(folder, site, uri)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    },
    accessLog: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    [Symbol.asyncDispose]: stop,
  }
}

function configure(site: { folder: string; httpPort: number; httpsPort: number; key: string; certificate: string }): string {
  return `
daemon off;
master_process off;
pid ${site.folder}/nginx.pid;
events { worker_connections 64; }
http {
  log_format asked '$scheme $host $request $status';
  access_log ${site.folder}/access.log asked;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${site.folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${site.httpPort} default_server;
    server_name _;
    return 404;
  }
  server {
    listen 127.0.0.1:${site.httpPort};
    server_name plain.example.com;
    root ${site.folder}/plain.example.com;
  }
  server {
    listen 127.0.0.1:${site.httpsPort} ssl;
    server_name secure.example.com;
    ssl_certificate ${site.certificate};
    ssl_certificate_key ${site.key};
    root ${site.folder}/secure.example.com;
  }
}
`
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`nginx ended with status ${child.exitCode}`)
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      async (response) => (await response.text()) !== '',
      () => false,
    )
    if (answered) return
  }
  throw new Error('nginx does not answer')
}

describe('FILE orders with nginx', () => {
  it('are issued for the file over http, and over https with a certificate that nobody trusts', async (t) => {
    if (nginx === undefined) {
      reportNotRun('FILE orders with nginx', 'nginx is not installed')
      return t.skip()
    }
    await using web = await startNginx(nginx)
    await using dns = { ...(await startDnsServer()), [Symbol.asyncDispose]: () => dns.close() }
    const sites = ['plain.example.com', 'secure.example.com']
    for (const site of sites) dns.setAddresses(site, ['127.0.0.1'])
    await using service = await startServiceProcess({
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_VALIDATION_HTTP_PORT: String(web.httpPort),
      CHANCERY_VALIDATION_HTTPS_PORT: String(web.httpsPort),
      CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.1/32',
    })
    const states = new Map<string, Record<string, unknown>>()
    for (const site of sites) {
      const { OrderId } = await succeed(service.http, 'CreateCertificateRequest', application(site, { ValidateType: 'FILE' }))
      const describeState = () => succeed(service.http, 'DescribeCertificateState', { OrderId: String(OrderId) })
      const asked = await describeState()
      assert.deepEqual([asked['Type'], asked['ValidateType'], asked['Domain']], ['domain_verify', 'FILE', site])
      web.putFile(site, String(asked['Uri']), `${String(asked['Content'])}\n`)
      for (const deadline = performance.now() + 60_000; states.get(site)?.['Type'] !== 'certificate'; await sleep(300)) {
        assert.ok(performance.now() < deadline, `${site} is ${JSON.stringify(states.get(site))}`)
        states.set(site, await describeState())
      }
      assert.ok(new X509Certificate(String(states.get(site)?.['Certificate'])).checkHost(site))
    }
    const log = web.accessLog()
    assert.match(log, /^http plain\.example\.com GET \/\.well-known\/pki-validation\/fileauth\.txt HTTP\/1\.1 200$/m)
    assert.match(log, /^https secure\.example\.com GET \/\.well-known\/pki-validation\/fileauth\.txt HTTP\/1\.1 200$/m)
    // Once https had proven, http was not asked.
    assert.doesNotMatch(log, /^http secure\.example\.com .* 200$/m)
    assert.equal(await service.stop(), 0)
  })
})
