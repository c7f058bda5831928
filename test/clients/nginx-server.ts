import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Where nginx is, if it is installed. */
export const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find((path) => existsSync(path))

/** A port that is free for now. */
export async function findPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export interface Nginx extends AsyncDisposable {
  readonly httpPort: number
  readonly httpsPort: number
  /** Puts a file where the site of that name serves it, as its owner would. */
  putFile(site: string, uri: string, content: string): void
  accessLog(): string
}

/**
 * nginx with two sites: `plain.example.com` over http alone, `secure.example.com` over https with a self-signed certificate. `moved.example.com`
 * leads from http to the latter.
 */
export async function startNginx(binary: string): Promise<Nginx> {
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
    listen 127.0.0.1:${site.httpPort};
    server_name moved.example.com;
    return 301 https://secure.example.com$request_uri;
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
