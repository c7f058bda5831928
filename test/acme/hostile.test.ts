import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { it } from 'node:test'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { sendOctets } from '../gateway/send-request.ts'
import { describeService, type TestService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { createTenantAccount } from '../support/tenants.ts'
import { signJws } from './acme-client.ts'
import { makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { attack } from './hostile-attacks.ts'
import { arm, type Ids, type Loot, type WireAttack } from './hostile-requests.ts'

/** HOSTILE_REQUESTS asks for more, HOSTILE_SEED for others; PostgreSQL gets a tenth. */
const REQUESTS = Number(process.env['HOSTILE_REQUESTS'] ?? 10_000)
const SEED = Number(process.env['HOSTILE_SEED'] ?? 1)
const AT_A_TIME = 25
/** What the heap may keep of all that, octets. */
const MOST_KEPT = 12 * 1024 * 1024

/** RFC 8555 section 6.7, RFC 9773 section 7.4, draft-ietf-acme-profiles. */
const registeredTypes = new Set(
  `accountDoesNotExist alreadyRevoked badCSR badNonce badPublicKey badRevocationReason badSignatureAlgorithm caa compound connection dns
   externalAccountRequired incorrectResponse invalidContact malformed orderNotReady rateLimited rejectedIdentifier serverInternal tls unauthorized
   unsupportedContact unsupportedIdentifier userActionRequired alreadyReplaced invalidProfile`.split(/\s+/),
)

const world = makeWorld()
/** What is limited by address would hide what comes after. */
const env = { CHANCERY_FAILED_CALLS_PER_MINUTE: '1000000', CHANCERY_CALLS_PER_SECOND: '1000000' }
const secretName = 'honest-secret.example.com'

interface WireReply {
  readonly status: number
  readonly nonce: string | undefined
  readonly type: string | undefined
  readonly text: string
}

function send(agent: Agent, port: number, { method, path, contentType, body }: WireAttack): Promise<WireReply> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        const nonce = response.headers['replay-nonce']
        resolve({
          status: response.statusCode ?? 0,
          nonce: typeof nonce === 'string' ? nonce : undefined,
          type: response.headers['content-type'],
          text,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Refused by a registered type, or served; never a fault, and nothing of others in it. */
function assertAnswered(wire: WireAttack, { status, nonce, type, text }: WireReply): void {
  const what = `${wire.method} ${wire.path}: ${status} ${text}`
  assert.ok(status >= 200 && status < 500, what)
  assert.ok(!text.includes(secretName), what)
  if (wire.method === 'POST') assert.match(nonce ?? '', /^[A-Za-z0-9_-]{40,}$/, what)
  if (status < 400 || wire.method === 'HEAD') return
  assert.equal(type, 'application/problem+json', what)
  const document = JSON.parse(text) as { type: string; status: number; detail: string }
  assert.ok(registeredTypes.has(document.type.replace('urn:ietf:params:acme:error:', '')), what)
  assert.equal(document.status, status, what)
  // Some clients take any 409 for a conflict with a Location.
  assert.ok(status !== 409 || document.type.endsWith('alreadyReplaced'), what)
  assert.ok(document.detail.length > 0 && document.detail.length < 1_000, what)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Nothing was logged as an error: what fails behind an answer shows there alone. */
function assertNoFault({ logLines }: TestService): void {
  assert.deepEqual(
    logLines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50),
    [],
  )
}

async function heapUsed(service: TestService): Promise<number> {
  // The records of calls are stored within a second.
  await sleep(1_500)
  assertNoFault(service)
  // The log is kept by the test alone.
  ;(service.logLines as string[]).length = 0
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** A tenant's account at the door, with an order, and the ids of both. */
async function openTenant(service: TestService, name: string, domain: string) {
  const tenant = await createTenantAccount(service, name)
  const by = { ...extension, key: tenant.key }
  const made = await service.succeed('CreateEabKey', { Name: 'x', 'Products.1': 'chancery-private-mix' }, by)
  await service.succeed('PurchasePackage', { ProductCode: 'chancery-private-mix', Count: '100000' }, by)
  const client = await registered(service, { kid: String(made['KeyId']), mac: Buffer.from(String(made['MacKey']), 'base64url') })
  const { order, url } = await obtain(client, [domain])
  const open = await placeOrder(client, [`open.${domain}`])
  await prove(client, open)
  const idOf = (one = '') => one.split('/').at(-1) ?? ''
  const proofs = [...order.authorizations, ...open.authorizations].map(idOf)
  const ids: Ids = {
    account: [idOf(client.kid)],
    order: [idOf(order.url), idOf(open.url)],
    authorization: proofs,
    challenge: proofs,
    certificate: [idOf(url)],
  }
  return { client, ids }
}

describeService(
  'a hostile client of the ACME door',
  (service) => {
    const base = () => service().addresses.http ?? assert.fail('no HTTP listener')
    const port = () => Number(new URL(base()).port)

    it(
      '76., 77. and 80. malformed and untimely requests by the thousand: registered types, no fault, no leak, an honest client beside them (6.7)',
      { timeout: REQUESTS * 20 + 60_000 },
      async () => {
        const honest = await openTenant(service(), 'honest', secretName)
        const { client, ids } = await openTenant(service(), 'hostile', 'hostile.example.com')
        const loot: Loot = { client, base: base(), own: ids, foreign: honest.ids, foreignKid: honest.client.kid ?? '', fresh: [], used: [] }
        const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME })
        let sent = 0
        const strike = async (plan: Parameters<typeof arm>[0]): Promise<void> => {
          if (loot.fresh.length === 0) loot.fresh.push(await client.nonce())
          sent += 1
          const wire = arm(plan, loot, sent)
          const reply = await send(agent, port(), wire)
          assertAnswered(wire, reply)
          if (reply.nonce !== undefined && loot.fresh.length < 100) loot.fresh.push(reply.nonce)
        }
        const attackWith = async (requests: number, seed: number): Promise<void> => {
          const batch = fc.array(attack, { minLength: AT_A_TIME, maxLength: AT_A_TIME })
          const property = fc.asyncProperty(batch, async (plans) => void (await Promise.all(plans.map(strike))))
          await fc.assert(property, { numRuns: Math.ceil(requests / AT_A_TIME), seed, endOnFailure: true })
        }
        const over = new AbortController()
        let obtained = 0
        const obtainBeside = async (): Promise<void> => {
          for (;;) {
            await obtain(honest.client, [`n${obtained}.honest.example.com`])
            if (over.signal.aborted) return
            obtained += 1
            await sleep(20)
          }
        }
        const total = service().services.db.engine === 'postgres' ? Math.ceil(REQUESTS / 10) : REQUESTS
        try {
          await attackWith(Math.ceil(total / 5), SEED)
          const before = await heapUsed(service())
          await Promise.all([attackWith(Math.floor((total * 4) / 5), SEED + 1).finally(() => over.abort()), obtainBeside()])
          const kept = (await heapUsed(service())) - before
          assert.ok(kept < MOST_KEPT, `${Math.round(kept / 1024)} KiB are kept`)
          assert.ok(obtained >= total / 1_000, `${obtained} certificates beside it`)
          assert.ok(sent >= total)
          // What it holds is as it was.
          assert.equal((await client.post(client.kid ?? '')).body['status'], 'valid')
          assert.equal((await honest.client.post(honest.client.kid ?? '')).body['status'], 'valid')
        } finally {
          agent.destroy()
        }
      },
    )
  },
  { ports: world.ports, env },
)

describeService(
  'a hostile client of the HTTP below the ACME door',
  (service) => {
    const base = () => service().addresses.http ?? assert.fail('no HTTP listener')
    const port = () => Number(new URL(base()).port)

    it('octets that are no HTTP, or another request to each reader, are refused without a fault', async () => {
      const host = `Host: 127.0.0.1:${port()}`
      const corpus: (string | Buffer)[] = [
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        Buffer.from('160301020001000001fc0303', 'hex'),
        'GET /acme/directory\r\n\r\n',
        `GET /acme/directory HTTP/9.9\r\n${host}\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\n${host}\r\nContent-Length: 2\r\n\r\n{}`,
        `GET /acme/directory\0 HTTP/1.1\r\n${host}\r\n\r\n`,
        `GET /acme/dir\r\nX: y HTTP/1.1\r\n${host}\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nContent-Length: -1\r\n\r\n{}`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
        `GET /acme/directory HTTP/1.1\r\n${host}\r\nX: ${'a'.repeat(300_000)}\r\n\r\n`,
        `GET /acme/directory HTTP/1.1\r\n${host}\r\n${'X: y\r\n'.repeat(50_000)}\r\n`,
        `GET http://evil.example/acme/directory HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
        `GET //acme/directory HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
        `GET /acme/../acme/directory HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
        `GET /acme/%64irectory HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
        `POST /acme/new-order HTTP/1.1\r\n${host}\r\nExpect: 200-maybe\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
        `CONNECT /acme/new-order HTTP/1.1\r\n${host}\r\n\r\n`,
        `GET /acme/directory HTTP/1.1\r\n${host}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n`,
      ]
      for (const octets of corpus) {
        const text = await sendAndFinish(port(), octets)
        assert.ok(text === '' || /^HTTP\/1\.1 [1-4]\d\d /.test(text), `${octets.toString().slice(0, 80)}: ${text.slice(0, 200)}`)
        assert.ok(!text.includes('evil.example'), text)
      }
      assert.equal((await service().get('/acme/directory')).status, 200)
    })

    it('many requests in one write are each answered, in their order', async () => {
      const client = await registered(service())
      const nonces = await Promise.all(Array.from({ length: 20 }, () => client.nonce()))
      const url = client.kid ?? ''
      const head = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\n`
      const posts = nonces.map((nonce) => {
        const body = JSON.stringify(signJws(client.key, { alg: client.key.alg, nonce, url, kid: client.kid }, undefined))
        return `${head('POST', new URL(url).pathname)}Content-Type: application/jose+json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      })
      const heads = Array.from({ length: 20 }, () => `${head('HEAD', '/acme/new-nonce')}\r\n`)
      const mixed = posts.flatMap((post, at) => [post, heads[at] ?? ''])
      const last = `${head('GET', '/acme/nothing')}Connection: close\r\n\r\n`
      const text = await sendOctets(port(), [...mixed, last].join(''))
      assert.deepEqual(
        [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
        [...mixed.map(() => '200'), '404'],
      )
      assert.equal(text.match(/"status":"valid"/g)?.length, 20)
    })

    it('slow, half and endless bodies hold nobody up', async () => {
      const client = await registered(service())
      const head = (length: number | string) =>
        `POST /acme/new-account HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nContent-Type: application/jose+json\r\nContent-Length: ${length}\r\n\r\n`
      const sockets: Socket[] = Array.from({ length: 200 }, (_, at) => {
        const socket = connect(port(), '127.0.0.1', () => socket.write(at % 2 === 0 ? head(50_000) : head(50_000).slice(0, 60)))
        socket.on('error', () => undefined)
        return socket
      })
      try {
        const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('x')), 50)
        const started = performance.now()
        for (let count = 0; count < 3; count += 1) await obtain(client, [`beside${count}.example.com`])
        assert.ok(performance.now() - started < 10_000)
        clearInterval(drip)
        // Half of them hang up in the middle, which nobody is told of.
        for (const socket of sockets) socket.destroy()
        await sleep(50)
        const endless = await sendEndless(port(), head(1_000_000_000))
        assert.ok(endless === '' || endless.startsWith('HTTP/1.1 413 '), endless)
        assert.equal((await client.post(client.kid ?? '')).status, 200)
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    })
  },
  { ports: world.ports, env, only: 'sqlite' },
)

/** Sends octets and the end of input, and gives what came back. */
function sendAndFinish(port: number, octets: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(octets))
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => (text += part))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}

/** Sends a body until the other side has had enough, and gives its answer. */
function sendEndless(port: number, head: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    let written = 0
    const chunk = Buffer.alloc(65_536, 'x')
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    const pump = (): void => {
      while (socket.writable && written < 64 * 1024 * 1024) {
        written += chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.on('drain', pump)
    socket.on('connect', pump)
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => (text += part))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      assert.ok(written < 64 * 1024 * 1024, 'it was cut off')
      resolve(text)
    })
  })
}
