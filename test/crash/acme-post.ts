import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { signJws } from '../acme/acme-client.ts'
import type { AcmeActor } from './acme-book.ts'
import type { Surroundings } from './client-steps.ts'
import type { Client, PlainAnswer } from './service.ts'

/** All lives of the service are addressed alike: on the loopback the client's own Host header counts, and URLs outlive the port. */
const HOST = '127.0.0.1:14000'
export const BASE = `http://${HOST}`
const MOST_A_LIFE = 6

/** A request that was served, octet for octet. */
export interface ServedRequest {
  readonly path: string
  readonly body: string
}

export interface AcmeAnswer extends PlainAnswer {
  readonly json: Readonly<Record<string, unknown>>
  /** The part of `type` behind the namespace; empty for a success. */
  readonly error: string
}

interface Life {
  /** Orders that may still be begun. */
  left: number
  served: ServedRequest | undefined
}

const lives = new WeakMap<Client, Life>()

/** What a life of the service has seen at the ACME door. */
export function lifeOf(client: Client): Life {
  let life = lives.get(client)
  if (life === undefined) lives.set(client, (life = { left: MOST_A_LIFE, served: undefined }))
  return life
}

/** The latest request that was served in this life. */
export function lastServedAcme(client: Client): ServedRequest | undefined {
  return lives.get(client)?.served
}

/** A nonce that was used before the kill is not taken after it. */
export async function assertNonceUsed({ client }: Surroundings, { path, body }: ServedRequest): Promise<void> {
  const answer = await transmit(client, path, body)
  // Its account was closed since: that is looked at before the nonce.
  if (answer.status === 401 && /deactivated/.test(answer.body.toString())) return
  assert.deepEqual([answer.status, answer.error], [400, 'badNonce'], `a request was served twice: ${answer.body.toString().slice(0, 300)}`)
}

/** Signs and sends; what is refused otherwise than for its nonce or for too many requests is a fault. */
export async function post(
  at: Surroundings,
  actor: AcmeActor,
  path: string,
  payload?: unknown,
  allowed: readonly string[] = [],
): Promise<AcmeAnswer> {
  const { client, book } = at
  for (;;) {
    const { headers } = await client.request('HEAD', '/acme/new-nonce', { host: HOST })
    const url = `${BASE}${path}`
    const signer =
      path === '/acme/new-account' || actor.accountId === undefined
        ? { jwk: actor.key.jwk }
        : { kid: `${BASE}/acme/account/${actor.accountId}` }
    const body = JSON.stringify(signJws(actor.key, { alg: actor.key.alg, nonce: String(headers['replay-nonce']), url, ...signer }, payload))
    const answer = await transmit(client, path, body)
    if (answer.error === 'rateLimited') await sleep(200)
    else if (answer.error !== 'badNonce') {
      if (answer.status < 300) lifeOf(client).served = { path, body }
      else if (!allowed.includes(answer.error))
        book.violations.push(`${path} was answered ${answer.status} ${answer.body.toString().slice(0, 300)}`)
      return answer
    }
  }
}

async function transmit(client: Client, path: string, body: string): Promise<AcmeAnswer> {
  const headers = { host: HOST, 'content-type': 'application/jose+json', 'content-length': String(Buffer.byteLength(body)) }
  const answer = await client.request('POST', path, headers, body)
  const json = JSON.parse(answer.body.toString()) as Record<string, unknown>
  return { ...answer, json, error: answer.status < 300 ? '' : (String(json['type']).split(':').at(-1) ?? '') }
}
