import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import type { ServicePorts } from '../../src/open-services.ts'
import type { DomainProof } from '../../src/validation/domain-control.ts'
import type { ProofAttempt, ProofFailure } from '../../src/validation/proof.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../../src/x509/csr.ts'
import { start } from '../orders/open-test-services.ts'
import type { TestService } from '../support/service.ts'
import { generateTestKey, signWith, type TestKey } from '../x509/keys.ts'
import { type AcmeAnswer, AcmeClient, encode } from './acme-client.ts'
import { createExternalAccount } from './external-accounts.ts'

/** What a service of a test sees and what time it is there; the test moves both. */
export interface AcmeWorld {
  /** What was looked for, oldest first. */
  readonly seen: DomainProof[]
  /** By name: why a look fails. What is not in it is proven. */
  readonly failing: Map<string, ProofFailure>
  /** What the service's clock is ahead of a clock that began at the fixed start of the tests, ms. */
  readonly ahead: { ms: number }
  readonly ports: () => ServicePorts
}

export function makeWorld(): AcmeWorld {
  const seen: DomainProof[] = []
  const failing = new Map<string, ProofFailure>()
  const ahead = { ms: 0 }
  const began = Date.now()
  const check = (proof: DomainProof): Promise<ProofAttempt> => {
    seen.push(proof)
    const failure = failing.get(proof.identifier)
    const evidence = { method: proof.method, queries: [] }
    return Promise.resolve(
      failure === undefined
        ? { proven: true, message: 'It is there.', evidence }
        : { proven: false, failure, message: `Asked: ${failure}.`, evidence },
    )
  }
  const clock = () => start + (Date.now() - began) + ahead.ms
  return {
    seen,
    failing,
    ahead,
    ports() {
      // The services of a file begin one after the other, each in a new world.
      seen.length = 0
      failing.clear()
      return { clock, domainControl: { maxConcurrent: 8, check } }
    },
  }
}

/** A client with an account of its own, bound to a new external account key unless one is given. */
export async function registered(service: TestService, external?: Parameters<AcmeClient['register']>[0]): Promise<AcmeClient> {
  const client = await AcmeClient.open(service.addresses.http ?? assert.fail('no HTTP listener'))
  const answer = await client.register(external ?? (await createExternalAccount(service)))
  assert.equal(answer.status, 201, answer.text)
  return client
}

export interface ShownChallenge {
  readonly type: string
  readonly url: string
  readonly status: string
  readonly token: string
  readonly validated?: string
  readonly error?: { readonly type: string; readonly detail: string; readonly status: number }
}

/** An order as it was answered. */
export interface ShownOrder {
  readonly url: string
  readonly status: string
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly answer: AcmeAnswer
}

export function identifiersOf(names: readonly string[]): { readonly identifiers: readonly { type: string; value: string }[] } {
  return { identifiers: names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })) }
}

export async function placeOrder(client: AcmeClient, names: readonly string[], members: object = {}): Promise<ShownOrder> {
  const answer = await client.post(client.url('newOrder'), { ...identifiersOf(names), ...members })
  assert.equal(answer.status, 201, answer.text)
  const { status, authorizations, finalize } = answer.body as unknown as ShownOrder
  return { url: answer.headers.get('location') ?? assert.fail('no Location'), status, authorizations, finalize, answer }
}

/** The challenges of an authorization, by type. */
export async function challengesOf(client: AcmeClient, authorization: string): Promise<ReadonlyMap<string, ShownChallenge>> {
  const { status, body, text } = await client.post(authorization)
  assert.equal(status, 200, text)
  return new Map((body['challenges'] as ShownChallenge[]).map((challenge) => [challenge.type, challenge]))
}

/** Chooses a challenge of an authorization, by default the first. */
export async function choose(client: AcmeClient, authorization: string, type?: string): Promise<AcmeAnswer> {
  const challenges = await challengesOf(client, authorization)
  const chosen = type === undefined ? [...challenges.values()][0] : challenges.get(type)
  const answer = await client.post(chosen?.url ?? assert.fail(`no challenge ${type}`), {})
  assert.equal(answer.status, 200, answer.text)
  return answer
}

/** Chooses a challenge of each authorization that is pending. */
export async function prove(client: AcmeClient, order: Pick<ShownOrder, 'authorizations'>, type?: string): Promise<void> {
  for (const url of order.authorizations) {
    if ((await client.post(url)).body['status'] === 'pending') await choose(client, url, type)
  }
}

/** A CSR in base64url. */
export function csrFor(names: readonly string[], changes: { readonly key?: TestKey; readonly commonName?: string } = {}): string {
  const { key = generateTestKey('P-256'), commonName } = changes
  const infoDer = buildCertificationRequestInfo({
    subject: { commonName },
    spkiDer: key.spkiDer,
    dnsNames: names.filter((name) => isIP(name) === 0),
    ipAddresses: names.filter((name) => isIP(name) !== 0),
  })
  return encode(assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer)))
}

/** A certificate that a client ordered, proved and fetched. */
export interface ObtainedCertificate {
  readonly order: ShownOrder
  /** Of the certificate. */
  readonly url: string
  readonly pem: string
}

export async function obtain(
  client: AcmeClient,
  names: readonly string[],
  options: { readonly members?: object; readonly key?: TestKey; readonly type?: string } = {},
): Promise<ObtainedCertificate> {
  const order = await placeOrder(client, names, options.members)
  await prove(client, order, options.type)
  const done = await client.post(order.finalize, { csr: csrFor(names, options.key === undefined ? {} : { key: options.key }) })
  assert.deepEqual([done.status, done.body['status']], [200, 'valid'], done.text)
  const url = String(done.body['certificate'])
  const { status, text } = await client.post(url)
  assert.equal(status, 200, text)
  return { order, url, pem: text }
}

/** Lasts while the service's clock is moved: nonces of before would be too old, or from the future. */
export async function later<T>(world: AcmeWorld, clients: readonly AcmeClient[], ms: number, use: () => Promise<T>): Promise<T> {
  world.ahead.ms += ms
  for (const client of clients) client.nonces = []
  try {
    return await use()
  } finally {
    world.ahead.ms -= ms
    for (const client of clients) client.nonces = []
  }
}
