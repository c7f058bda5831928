import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../../src/x509/csr.ts'
import { bind, encode } from '../acme/acme-client.ts'
import { generateTestKey, signWith } from '../x509/keys.ts'
import { type AcmeActor, type AcmeApplication, isOpenAcme } from './acme-book.ts'
import { BASE, lifeOf, post } from './acme-post.ts'
import { read, type Surroundings } from './client-steps.ts'

/** Goes on with an order that has waited longest, begins one, or closes an account; false if there is nothing to do. */
export async function turnAcme(at: Surroundings): Promise<boolean> {
  const { acme } = at.book
  const life = lifeOf(at.client)
  const now = performance.now()
  const waiting = acme.applications
    .filter((one) => isOpenAcme(one) && !one.busy && one.nextLookAt <= now)
    .sort((a, b) => a.nextLookAt - b.nextLookAt)[0]
  if (waiting !== undefined) return await alone(waiting, () => step(at, waiting))
  const done = acme.actors.find((actor) => actor !== acme.actors.at(-1) && isDone(at, actor) && actor.state !== 'closed' && !actor.busy)
  if (done !== undefined) return await alone(done, () => close(at, done))
  if (life.left <= 0) return false
  life.left -= 1
  const begun = acme.apply()
  return await alone(begun, () => step(at, begun))
}

/** Every order has its id, also where the answer to its client was lost: only then can its time be over. */
export async function placeAcme(at: Surroundings): Promise<void> {
  for (const application of at.book.acme.applications) {
    while (application.orderId === undefined) await alone(application, () => step(at, application))
  }
}

/** Goes on until every order has reached its end and every old account is closed. */
export async function finishAcme(at: Surroundings, deadlineMs: number): Promise<void> {
  lifeOf(at.client).left = 0
  const { applications, actors } = at.book.acme
  const end = performance.now() + deadlineMs
  const isOver = () => !applications.some(isOpenAcme) && actors.slice(0, -1).every(({ state }) => state === 'closed')
  while (!isOver()) {
    if (!(await turnAcme(at))) await sleep(20)
    if (performance.now() < end) continue
    const open = applications.filter(isOpenAcme).map(({ orderId, aim }) => `${orderId} (${aim})`)
    throw new Error(`orders of the ACME door that have not reached an end: ${open.join(', ')}`)
  }
}

function isDone({ book }: Surroundings, actor: AcmeActor): boolean {
  return actor.accountId !== undefined && book.acme.applications.every((one) => one.actor !== actor || !isOpenAcme(one))
}

async function alone(one: { busy: boolean }, work: () => Promise<void>): Promise<true> {
  one.busy = true
  try {
    await work()
  } finally {
    one.busy = false
  }
  return true
}

async function step(at: Surroundings, application: AcmeApplication): Promise<void> {
  const { actor, aim } = application
  application.nextLookAt = performance.now() + 100
  if (actor.accountId === undefined && !(await register(at, actor))) return
  application.orderId ??= await place(at, application)
  const { json: order } = await post(at, actor, `/acme/order/${application.orderId}`)
  if (application.ended && order['status'] !== 'invalid') violate(at, application, `came to nothing and is ${String(order['status'])}`)
  switch (order['status']) {
    case 'pending':
      return await prove(at, application, pathOf((order['authorizations'] as string[])[0]))
    case 'ready':
      await finalize(at, application)
      return
    case 'valid':
      keepCertificate(at, application, order)
      if (aim === 'cancel') await cancel(at, application)
      return
    case 'invalid':
      if (aim === 'issue' || aim === 'cancel') violate(at, application, `came to nothing: ${JSON.stringify(order['error'])}`)
      application.ended = true
      return
    default:
      violate(at, application, `is ${String(order['status'])}`)
  }
}

/** Two orders of one account may begin at once: both find it. */
async function register(at: Surroundings, actor: AcmeActor): Promise<boolean> {
  const { external } = at.book.acme
  if (external === undefined) throw new Error('there is no external account key')
  const url = `${BASE}/acme/new-account`
  const answer = await post(at, actor, '/acme/new-account', { externalAccountBinding: bind(external, actor.key, url) })
  const id = idOf(answer.headers['location'])
  if (actor.accountId !== undefined && id !== actor.accountId) at.book.violations.push(`the account ${actor.accountId} is ${id} now`)
  if (id !== undefined) actor.accountId = id
  return id !== undefined
}

async function place(at: Surroundings, { actor, domain }: AcmeApplication): Promise<number | undefined> {
  const answer = await post(at, actor, '/acme/new-order', { identifiers: [{ type: 'dns', value: domain }] })
  return idOf(answer.headers['location'])
}

async function prove(at: Surroundings, { actor, aim, domain }: AcmeApplication, path: string): Promise<void> {
  if (aim === 'expire') return
  if (aim === 'giveUp') {
    await post(at, actor, path, { status: 'deactivated' })
    return
  }
  const { json } = await post(at, actor, path)
  const challenge = (json['challenges'] as { type: string; url: string; status: string; token: string }[]).find(
    ({ type }) => type === 'dns-01',
  )
  if (challenge?.status !== 'pending') return
  const digest = createHash('sha256').update(`${challenge.token}.${actor.key.thumbprint}`).digest('base64url')
  at.dns.setTxt(`_acme-challenge.${domain}`, [aim === 'fail' ? 'another value' : digest])
  await post(at, actor, pathOf(challenge.url), {})
}

async function finalize(at: Surroundings, application: AcmeApplication): Promise<void> {
  const key = generateTestKey('P-256')
  const infoDer = buildCertificationRequestInfo({ subject: {}, spkiDer: key.spkiDer, dnsNames: [application.domain] })
  const csr = encode(assembleCertificationRequest(infoDer, key.algorithm, signWith(key, infoDer)))
  const answer = await post(at, application.actor, `/acme/order/${application.orderId}/finalize`, { csr })
  if (answer.json['status'] === 'valid') keepCertificate(at, application, answer.json)
}

function keepCertificate(at: Surroundings, application: AcmeApplication, order: Readonly<Record<string, unknown>>): void {
  const id = idOf(String(order['certificate']))
  const known = application.certificateId
  if (known !== undefined && known !== id) violate(at, application, `had certificate ${known} and has ${id}`)
  application.certificateId = id
}

/** The owner of the plan takes the order back at the other door, and gets its units back. */
async function cancel({ client, book }: Surroundings, application: AcmeApplication): Promise<void> {
  application.cancellation = 'asked'
  const answer = await client.call('CancelCertificateForPackageRequest', { OrderId: String(application.orderId) })
  if (answer.status === 200 || /revoked already/.test(answer.body.toString())) application.cancellation = 'acknowledged'
  else read(book, 'CancelCertificateForPackageRequest', answer)
}

async function close(at: Surroundings, actor: AcmeActor): Promise<void> {
  actor.state = 'leaving'
  const answer = await post(at, actor, `/acme/account/${actor.accountId}`, { status: 'deactivated' }, ['unauthorized'])
  // Closed by a request whose answer was lost.
  if (answer.status === 200 || answer.error === 'unauthorized') actor.state = 'closed'
}

function violate({ book }: Surroundings, { orderId, aim }: AcmeApplication, what: string): void {
  book.violations.push(`the ACME order ${orderId} (${aim}) ${what}`)
}

const pathOf = (url: string | undefined): string => new URL(url ?? BASE).pathname

function idOf(url: string | undefined): number | undefined {
  const id = /\/(\d+)$/.exec(url ?? '')?.[1]
  return id === undefined ? undefined : Number(id)
}
