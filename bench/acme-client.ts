// A small ACME client over kept connections (RFC 8555): it does what a busy client does and nothing it need not.
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../src/x509/csr.ts'

interface Answer {
  readonly status: number
  readonly location: string
  readonly body: string
}

/** An account key and what a client keeps of a server. */
export interface AcmeClient {
  readonly thumbprint: string
  /** Makes the account; with an external account key if one is given. */
  register(eab?: { readonly kid: string; readonly macKey: string }): Promise<void>
  /** From the order to the certificate; answers how many requests it took. */
  obtain(name: string): Promise<number>
  /** Gives up its idle connections: a server closes them at a moment of its own. It can go on. */
  close(): void
}

/** Opens a client of the directory at this URL. */
export function openAcmeClient(directoryUrl: string, connections: number): AcmeClient {
  const pool = { keepAlive: true, maxSockets: connections }
  // Whom a server in the next process is signed by tells nothing.
  const isTls = directoryUrl.startsWith('https:')
  const agent = isTls ? new TlsAgent({ ...pool, rejectUnauthorized: false }) : new Agent(pool)
  const request = isTls ? httpsRequest : httpRequest
  const account = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certified = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spkiDer = certified.publicKey.export({ format: 'der', type: 'spki' })
  const { crv, kty, x, y } = account.publicKey.export({ format: 'jwk' })
  const jwk = { crv, kty, x, y }
  const thumbprint = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url')
  const nonces: string[] = []
  let directory: Readonly<Record<'newNonce' | 'newAccount' | 'newOrder', string>> | undefined
  let kid = ''

  const urls = async () => (directory ??= JSON.parse((await send('GET', directoryUrl)).body) as NonNullable<typeof directory>)

  function send(method: string, url: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = request(url, { method, agent, headers: body === undefined ? {} : { 'Content-Type': 'application/jose+json' } }, (res) => {
        const nonce = res.headers['replay-nonce']
        if (typeof nonce === 'string') nonces.push(nonce)
        let text = ''
        res.setEncoding('utf8')
        res.on('data', (chunk: string) => (text += chunk))
        res.on('error', reject)
        res.on('end', () => resolve({ status: res.statusCode ?? 0, location: res.headers.location ?? '', body: text }))
      })
      req.on('error', reject)
      req.end(body)
    })
  }

  async function post(url: string, payload: object | ''): Promise<Answer> {
    if (nonces.length === 0) await send('HEAD', (await urls()).newNonce)
    const header = { alg: 'ES256', ...(kid === '' ? { jwk } : { kid }), nonce: nonces.pop(), url }
    const answer = await send('POST', url, signJws(account.privateKey, header, payload))
    if (answer.status >= 400) throw new Error(`${url} answered ${answer.status}: ${answer.body}`)
    return answer
  }

  return {
    thumbprint,
    async register(eab) {
      const { newAccount } = await urls()
      const binding = eab === undefined ? {} : { externalAccountBinding: bind(eab, newAccount, jwk) }
      kid = (await post(newAccount, { termsOfServiceAgreed: true, ...binding })).location
    },
    async obtain(name) {
      let requests = 0
      const ask = async (url: string, payload: object | ''): Promise<Answer> => {
        requests++
        return await post(url, payload)
      }
      const placed = await ask((await urls()).newOrder, { identifiers: [{ type: 'dns', value: name }] })
      const order = JSON.parse(placed.body) as { authorizations: string[]; finalize: string }
      for (const url of order.authorizations) {
        const authorization = JSON.parse((await ask(url, '')).body) as { status: string; challenges: { type: string; url: string }[] }
        const challenge = authorization.challenges.find(({ type }) => type === 'http-01')
        if (challenge === undefined) throw new Error('http-01 is not offered')
        let { status } = JSON.parse((await ask(challenge.url, {})).body) as { status: string }
        while (status === 'pending' || status === 'processing') {
          await new Promise((resolve) => setTimeout(resolve, 20))
          status = (JSON.parse((await ask(url, '')).body) as { status: string }).status
        }
        if (status !== 'valid') throw new Error(`the authorization of ${name} is ${status}`)
      }
      const csr = makeCsr(name, spkiDer, certified.privateKey).toString('base64url')
      let final = JSON.parse((await ask(order.finalize, { csr })).body) as { status: string; certificate?: string }
      while (final.status === 'processing') {
        await new Promise((resolve) => setTimeout(resolve, 20))
        final = JSON.parse((await ask(placed.location, '')).body) as typeof final
      }
      if (final.certificate === undefined) throw new Error(`the order of ${name} is ${final.status}`)
      const { body } = await ask(final.certificate, '')
      if (!body.startsWith('-----BEGIN CERTIFICATE-----')) throw new Error('the certificate is none')
      return requests
    },
    close: () => agent.destroy(),
  }
}

function signJws(key: KeyObject, header: object, payload: object | ''): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url')
  const body = payload === '' ? '' : Buffer.from(JSON.stringify(payload)).toString('base64url')
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  return JSON.stringify({ protected: head, payload: body, signature })
}

function bind(eab: { readonly kid: string; readonly macKey: string }, url: string, jwk: object): object {
  const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: eab.kid, url })).toString('base64url')
  const payload = Buffer.from(JSON.stringify(jwk)).toString('base64url')
  const signature = createHmac('sha256', Buffer.from(eab.macKey, 'base64url')).update(`${head}.${payload}`).digest('base64url')
  return { protected: head, payload, signature }
}

function makeCsr(name: string, spkiDer: Uint8Array, key: KeyObject): Buffer {
  const info = buildCertificationRequestInfo({ subject: { commonName: name }, spkiDer, dnsNames: [name] })
  return Buffer.from(assembleCertificationRequest(info, 'ecdsa-with-SHA256', sign('sha256', info, key)))
}
