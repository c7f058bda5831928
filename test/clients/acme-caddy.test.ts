import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { it } from 'node:test'
import { text as readText } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { until } from '../support/service.ts'
import { type AcmeScene, createExternalAccountKey, describeAcmeProgram } from './acme/acme-scene.ts'
import { assertGood } from './acme/check-certificate.ts'
import { findProgram } from './acme/find-program.ts'

const byHttp = 'http.caddy.example.com'
const byTls = 'tls.caddy.example.com'

/** Two sites, each of whose names can be proven in one way alone; every certificate is due for renewal at once. */
async function configure(scene: AcmeScene): Promise<object> {
  const { kid, hmac } = await createExternalAccountKey(scene)
  const policy = (name: string, challenges: object) => ({
    subjects: [name],
    renewal_window_ratio: 1,
    issuers: [
      {
        module: 'acme',
        ca: scene.directory,
        trusted_roots_pem_files: [scene.rootFile],
        external_account: { key_id: kid, mac_key: hmac },
        email: 'caddy@example.com',
        challenges: { ...challenges, bind_host: '127.0.0.1' },
      },
    ],
  })
  return {
    admin: { disabled: true, config: { persist: false } },
    storage: { module: 'file_system', root: join(scene.folder, 'caddy') },
    apps: {
      http: {
        http_port: scene.httpPort,
        https_port: scene.tlsPort,
        servers: {
          sites: {
            listen: [`127.0.0.1:${scene.tlsPort}`],
            routes: [
              { match: [{ host: [byHttp, byTls] }], handle: [{ handler: 'static_response', body: 'served by {http.request.host}' }] },
            ],
          },
        },
      },
      tls: {
        automation: {
          renew_interval: '4s',
          policies: [policy(byHttp, { 'tls-alpn': { disabled: true } }), policy(byTls, { http: { disabled: true } })],
        },
      },
    },
  }
}

function startCaddy(scene: AcmeScene, config: object) {
  const file = join(scene.folder, 'caddy.json')
  writeFileSync(file, JSON.stringify(config))
  const env = { PATH: process.env['PATH'], HOME: scene.folder }
  const child = spawn(findProgram('caddy') ?? '', ['run', '--config', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  return {
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Fetches the page of a site as a browser that trusts our root alone, and gives the serial number of what it was shown; undefined: not yet. */
async function visit(scene: AcmeScene, servername: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const ca = readFileSync(scene.rootFile)
  const options = { host: '127.0.0.1', port: scene.tlsPort, servername, ca, agent: false, headers: { Host: servername } }
  get(options, (response) => {
    const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
    readText(response).then((text) => (text === `served by ${servername}` ? resolve(serialNumber) : reject(new Error(text))), reject)
  }).on('error', reject)
  return await promise.catch((error: unknown) => {
    // It does not listen yet, or has no certificate yet.
    if (error instanceof Error && 'code' in error && /ECONNREFUSED|ECONNRESET|EPROTO|ALERT/.test(String(error.code))) return undefined
    throw error
  })
}

describeAcmeProgram('caddy', (scene) => {
  it('serves two sites with certificates by http-01 and tls-alpn-01, and renews them while it serves', async () => {
    for (const name of [byHttp, byTls]) scene().dns.setAddresses(name, ['127.0.0.1'])
    await using caddy = startCaddy(scene(), await configure(scene()))
    try {
      for (const name of [byHttp, byTls]) {
        const first = await until(`the certificate of ${name}`, () => visit(scene(), name), 60_000)
        const isRenewed = async () => ((await visit(scene(), name)) === first ? undefined : true)
        await until(`another certificate of ${name}`, isRenewed, 60_000)
      }
    } catch (error) {
      throw new Error(`caddy says: ${caddy.log()}`, { cause: error })
    }
    await caddy[Symbol.asyncDispose]()
    for (const name of [byHttp, byTls]) {
      const stored = join(scene().folder, 'caddy/certificates', `localhost-${new URL(scene().directory).port}-acme-directory`, name, name)
      await assertGood(scene(), { chain: readFileSync(`${stored}.crt`, 'utf8'), key: readFileSync(`${stored}.key`, 'utf8') }, [name])
    }
    assert.match(caddy.log(), /"challenge_type":"http-01"/)
    assert.match(caddy.log(), /"challenge_type":"tls-alpn-01"/)
  })
})
