import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AcmeOrderRow, AuthorizationRow } from '../../src/storage/acme-orders.ts'
import { viewOrder } from '../../src/orders/acme/views.ts'
import type { OrderState } from '../../src/storage/schema.ts'
import { describeService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { signJws } from './acme-client.ts'
import { choose, csrFor, later, makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { createExternalAccount } from './external-accounts.ts'

const world = makeWorld()
const dayMs = 86_400_000

describeService(
  'the life of an order at the ACME door',
  (service) => {
    const used = async () => {
      const plans = await service().services.db.read.selectFrom('plans').select(['id', 'used']).orderBy('id').execute()
      return plans.map(({ id, used: units }) => `${id}: ${units}`).join()
    }

    it('37. is 201 with Location, expires, its lists and finalize from the start (7.4)', async () => {
      const client = await registered(service())
      const { answer, url } = await placeOrder(client, ['start.example.com'])
      assert.equal(answer.body['status'], 'pending')
      assert.equal(answer.body['finalize'], `${url}/finalize`)
      const expires = Date.parse(String(answer.body['expires']))
      assert.ok(Math.abs(expires - service().services.clock() - dayMs) < 60_000)
      assert.deepEqual((await client.post(url)).body, answer.body)
    })

    it('37. an order of the account for the same is given back while it is open (7.4)', async () => {
      const client = await registered(service())
      const before = await used()
      const first = await placeOrder(client, ['same.example.com', 'same2.example.com'])
      const taken = await used()
      assert.notEqual(taken, before)
      const again = await placeOrder(client, ['same2.example.com', 'SAME.example.com'])
      assert.deepEqual([again.url, await used()], [first.url, taken])
      assert.notEqual((await placeOrder(await registered(service()), ['same.example.com', 'same2.example.com'])).url, first.url)
    })

    it('40. keeps its lists, shares authorizations, and has one for each identifier (7.1.3)', async () => {
      const client = await registered(service())
      const names = ['*.share.example.com', 'share.example.com', 'other-share.example.com']
      const one = await placeOrder(client, names)
      assert.equal(new Set(one.authorizations).size, 3)
      await prove(client, one, 'dns-01')
      const two = await placeOrder(client, ['share.example.com'])
      assert.equal(two.status, 'ready')
      assert.ok(one.authorizations.includes(two.authorizations[0] ?? ''), 'the second order has the authorization of the first')
      const done = await client.post(one.finalize, { csr: csrFor(names) })
      for (const { body } of [done, await client.post(one.url)]) {
        assert.deepEqual([body['authorizations'], body['identifiers']], [one.authorizations, one.answer.body['identifiers']])
      }
    })

    it('42. goes from pending over ready to valid, and shows a certificate then alone (7.1.6)', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['states.example.com', 'states2.example.com'])
      const look = async () => (await client.post(order.url)).body
      await choose(client, order.authorizations[0] ?? '')
      assert.deepEqual([(await look())['status'], (await look())['certificate']], ['pending', undefined])
      await choose(client, order.authorizations[1] ?? '')
      assert.deepEqual([(await look())['status'], (await look())['certificate']], ['ready', undefined])
      await client.post(order.finalize, { csr: csrFor(['states.example.com', 'states2.example.com']) })
      const { status, certificate, error } = await look()
      assert.deepEqual([status, typeof certificate, error], ['valid', 'string', undefined])
    })

    it('42. is invalid with the error of the challenge that failed, and its units go back (7.1.6)', async () => {
      const client = await registered(service())
      const before = await used()
      world.failing.set('lost.example.com', 'tooLarge')
      const order = await placeOrder(client, ['kept.example.com', 'lost.example.com'])
      for (const url of order.authorizations) await choose(client, url)
      const { body } = await client.post(order.url)
      assert.equal(body['status'], 'invalid')
      assert.equal((body['error'] as { type: string }).type, 'urn:ietf:params:acme:error:unauthorized')
      assert.equal(body['certificate'], undefined)
      await until('the units to be back', async () => ((await used()) === before ? true : undefined))
      assert.deepEqual((await client.post(order.url)).body['error'], body['error'], 'its end keeps the error')
    })

    it('43. says when to look again until it is final, within what clients bear (7.4)', async () => {
      const client = await registered(service())
      const order = await placeOrder(client, ['again.example.com'])
      const retryAfter = async () => (await client.post(order.url)).headers.get('retry-after')
      assert.match(order.answer.headers.get('retry-after') ?? '', /^[1-9][0-9]?$/)
      assert.match((await retryAfter()) ?? '', /^[1-9][0-9]?$/)
      await prove(client, order)
      assert.match((await retryAfter()) ?? '', /^[1-9][0-9]?$/)
      const done = await client.post(order.finalize, { csr: csrFor(['again.example.com']) })
      assert.deepEqual([done.headers.get('retry-after'), await retryAfter()], [null, null])
    })

    it('49. orders are listed newest first in pages that hold still, without those that came to nothing (7.1.2.1)', async () => {
      await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-mix', Count: '200' }, extension)
      const client = await registered(service())
      const placed: string[] = []
      for (let count = 0; count < 103; count += 1) placed.unshift((await placeOrder(client, [`n${count}.list.example.com`])).url)
      const list = `${client.kid}/orders`
      const first = await client.post(list)
      assert.deepEqual(first.body['orders'], placed.slice(0, 100))
      const next = /<([^>]+)>;rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? assert.fail('no next page')
      await placeOrder(client, ['newer.list.example.com'])
      const second = await client.post(next)
      assert.deepEqual(second.body['orders'], placed.slice(100))
      assert.ok(!(second.headers.get('link') ?? '').includes('next'))
      const other = await registered(service())
      assert.equal((await other.post(next)).status, 403)

      const [gone = ''] = placed
      const { authorizations } = (await client.post(gone)).body as { authorizations: string[] }
      await client.post(authorizations[0] ?? '', { status: 'deactivated' })
      await until('the order to leave the list', async () =>
        ((await client.post(list)).body['orders'] as string[]).includes(gone) ? undefined : true,
      )
    })

    it('50. is invalid after a day, cannot be finalized then, and its units go back (7.1.6)', async () => {
      const external = await createExternalAccount(service())
      const client = await registered(service(), external)
      const unitsUsed = async () => (await service().succeed('GetEabKey', { KeyId: external.kid }, extension))['UnitsUsed']
      const order = await placeOrder(client, ['late.example.com'])
      assert.equal(await unitsUsed(), 1)
      await prove(client, order)
      assert.equal((await client.post(order.url)).body['status'], 'ready')
      await later(world, [client], dayMs + 60_000, async () => {
        const { body } = await client.post(order.url)
        assert.equal(body['status'], 'invalid')
        assert.match((body['error'] as { detail: string }).detail, /time was over/)
        const refused = await client.post(order.finalize, { csr: csrFor(['late.example.com']) })
        assert.deepEqual([refused.status, refused.error], [403, 'orderNotReady'])
        await until('the unit to be back', async () => ((await unitsUsed()) === 0 ? true : undefined))
        // A name that is proven needs no second proof for another try.
        assert.equal((await placeOrder(client, ['late.example.com'])).status, 'ready')
      })
    })

    it('70. a certificate is sent in its one type, whatever Accept asks for (7.4.2)', async () => {
      const client = await registered(service())
      const { url, pem } = await obtain(client, ['accept.example.com'])
      for (const Accept of ['application/pkix-cert', 'application/pkcs7-mime', 'text/html;q=0', '*/*']) {
        const header = { alg: client.key.alg, nonce: await client.nonce(), url, kid: client.kid }
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/jose+json', Accept },
          body: JSON.stringify(signJws(client.key, header, undefined)),
        })
        assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/pem-certificate-chain'])
        assert.equal(await response.text(), pem)
      }
    })
  },
  { ports: world.ports },
)

it('42. each state of an order reads as one of five (7.1.6)', () => {
  const now = 1_000_000
  const row = (state: OrderState) =>
    ({
      id: 1,
      state,
      validation_ends_at: now + 1,
      certificate_id: 7,
      identifiers: '[]',
      product_code: 'p',
      not_before: null,
      not_after: null,
      replaces: null,
      error: null,
    }) as unknown as AcmeOrderRow
  const status = (state: OrderState, authorizations: AuthorizationRow[] = [], at = now) => viewOrder(row(state), authorizations, at).status
  const expected = {
    draft: 'invalid',
    validating: 'pending',
    ready: 'ready',
    reviewing: 'processing',
    issuing: 'processing',
    issued: 'valid',
    revoked: 'valid',
    withdrawn: 'invalid',
    failed: 'invalid',
    deleted: 'invalid',
  } as const satisfies Record<OrderState, string>
  for (const [state, shown] of Object.entries(expected)) assert.equal(status(state as OrderState), shown, state)
  const gone = (state: string) => [{ state, expires_at: now + 1 }] as unknown as AuthorizationRow[]
  for (const open of ['validating', 'ready'] as const) {
    for (const state of ['invalid', 'deactivated']) assert.equal(status(open, gone(state)), 'invalid')
    assert.equal(status(open, [], now + 1), 'invalid')
  }
  // What was issued stays valid.
  assert.equal(status('issued', gone('deactivated'), now + dayMs), 'valid')
})
