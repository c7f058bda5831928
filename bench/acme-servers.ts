// The ACME servers that are compared, each with empty storage and, where `taskset` is there, with the second core to itself.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleCertificate, buildTbsCertificate } from '../src/x509/certificate.ts'
import { encodeSubjectAltName } from '../src/x509/extensions.ts'
import { encodeName } from '../src/x509/name.ts'
import { encodePem } from '../src/x509/pem.ts'
import { killAtExit } from './kill-at-exit.ts'
import type { Engine } from './measured-process.ts'
import { signRpcV1 } from './sign-call.ts'

export const accessKeyId = 'benchkey'
export const secret = 'a-secret-of-the-benchmark'

/** Where a server looks for proofs. */
export interface WorldPorts {
  readonly dnsPort: number
  readonly httpPort: number
}

export interface AcmeServer {
  readonly pid: number
  readonly directory: string
  readonly eab?: { readonly kid: string; readonly macKey: string }
  /** Durable commits so far, an fsync each, as the server itself counts them; undefined: it has no storage. */
  commits(): Promise<number | undefined>
  stop(): Promise<void>
}

/** The server without features. */
export async function startBare(): Promise<AcmeServer> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const { child, found } = await spawnServer([process.execPath, join(import.meta.dirname, 'bare-acme.ts'), folder], {}, /(http:\S+)/)
  const metrics = new URL('/metrics', found).href
  return { ...serverOf(child, folder), directory: found, commits: () => readCount(metrics, /^commits (\d+)/m) }
}

/** Ours, with all features on; http-01 is looked at in the little world. */
export async function startChancery(engine: Engine, ports: WorldPorts): Promise<AcmeServer> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const databaseUrl = await engine.createDatabase?.()
  const adminPort = await freePort()
  const { child, found } = await spawnServer(
    [process.execPath, join(import.meta.dirname, '../src/cli/main.ts'), 'serve'],
    {
      CHANCERY_DATA: folder,
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
      CHANCERY_RSA_POOL: '0',
      CHANCERY_CALLS_PER_SECOND: '1000000',
      CHANCERY_ACME_OPEN_ORDERS: '100000',
      CHANCERY_ROOT_ACCESS_KEY_ID: accessKeyId,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: secret,
      CHANCERY_LOG_LEVEL: 'error',
      CHANCERY_DNS_RESOLVERS: `127.0.0.1:${ports.dnsPort}`,
      CHANCERY_VALIDATION_HTTP_PORT: String(ports.httpPort),
      CHANCERY_VALIDATION_ALLOW_CIDRS: '127.0.0.0/8',
      ...engine.env,
    },
    /signed calls\D*(http:\/\/127\.0\.0\.1:\d+)/,
  )
  await call(found, 'PurchasePackage', { ProductCode: 'chancery-private-mix', Count: '1000000' })
  const key = await call(found, 'CreateEabKey', { Name: 'bench', 'Products.1': 'chancery-private-mix' })
  return {
    ...serverOf(child, folder),
    directory: `${found}/acme/directory`,
    eab: { kid: String(key['KeyId']), macKey: String(key['MacKey']) },
    commits: () => readCount(`http://127.0.0.1:${adminPort}/metrics`, /^chancery_commit_seconds_count (\d+)/m),
  }
}

export function hasPebble(): boolean {
  return spawnSync('sh', ['-c', 'command -v pebble']).status === 0
}

/** Debian's Pebble: it keeps everything in memory, and looks three times at http-01. */
export async function startPebble(ports: WorldPorts): Promise<AcmeServer> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-bench-'))
  const [port, managementPort] = [await freePort(), await freePort()]
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const { key, certificate } = makeListenerCertificate()
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: file('cert.pem', certificate),
    privateKey: file('key.pem', key),
    httpPort: ports.httpPort,
    tlsPort: 5001,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  }
  const { child } = await spawnServer(
    ['pebble', '-config', file('config.json', JSON.stringify({ pebble })), '-dnsserver', `127.0.0.1:${ports.dnsPort}`],
    { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
    /(ACME directory available)/,
  )
  return { ...serverOf(child, folder), directory: `https://127.0.0.1:${port}/dir`, commits: () => Promise.resolve(undefined) }
}

const pinned: readonly string[] = spawnSync('taskset', ['--version']).status === 0 ? ['taskset', '-c', '1'] : []

async function spawnServer(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<{ child: ChildProcess; found: string }> {
  const [command = '', ...rest] = [...pinned, ...args]
  const child = spawn(command, rest, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  killAtExit(child)
  const found = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      // What comes later is read too, or the server would wait for a reader.
      if (text.length > 100_000) return
      text += chunk.toString()
      const match = ready.exec(text)?.[1]
      if (match !== undefined) resolve(match)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with status ${code} before it was ready`)))
  })
  return { child, found }
}

function serverOf(child: ChildProcess, folder: string): Pick<AcmeServer, 'pid' | 'stop'> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  if (child.pid === undefined) throw new Error('the server has no process id')
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function readCount(url: string, line: RegExp): Promise<number> {
  const found = line.exec(await (await fetch(url)).text())?.[1]
  if (found === undefined) throw new Error(`${url} does not tell how many commits there were`)
  return Number(found)
}

async function call(base: string, action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const { host } = new URL(base)
  const { path, headers } = signRpcV1({ host, accessKeyId, secret, version: '2026-12-01', action, input })
  const response = await fetch(`${base}${path}`, { method: 'POST', headers })
  const body = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`${action} answered ${response.status}: ${JSON.stringify(body)}`)
  return body
}

/** A server certificate that nobody checks. */
function makeListenerCertificate(): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const nameDer = encodeName({ commonName: 'bench' })
  const now = Math.floor(Date.now() / 1000) * 1000
  const tbs = buildTbsCertificate({
    serial: '4001',
    signatureAlgorithm: 'ecdsa-with-SHA256',
    issuerDer: nameDer,
    notBefore: now - 60_000,
    notAfter: now + 86_400_000,
    subjectDer: nameDer,
    spkiDer: publicKey.export({ format: 'der', type: 'spki' }),
    extensions: [encodeSubjectAltName(['bench.internal'], 'named subject')],
  })
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    certificate: encodePem('CERTIFICATE', assembleCertificate(tbs, 'ecdsa-with-SHA256', sign('sha256', tbs, privateKey))),
  }
}
