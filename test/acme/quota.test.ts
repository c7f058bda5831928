import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { describeService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { encode } from './acme-client.ts'
import { challengesOf, csrFor, identifiersOf, later, makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { createExternalAccount } from './external-accounts.ts'

const world = makeWorld()

describeService(
  'quota at the ACME door',
  (service) => {
    const unitsUsed = async (KeyId: string) => (await service().succeed('GetEabKey', { KeyId }, extension))['UnitsUsed']

    it('a product that was never bought is unauthorized, one that is used up rateLimited with Retry-After', async () => {
      const never = await registered(service(), await createExternalAccount(service(), { 'Products.1': 'chancery-private-1' }))
      const refused = await never.post(never.url('newOrder'), identifiersOf(['never.example.com']))
      assert.deepEqual([refused.status, refused.error, refused.headers.get('retry-after')], [403, 'unauthorized', null], refused.text)
      assert.match(refused.text, /chancery-private-1/)

      await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-short', Count: '1' }, extension)
      const client = await registered(service(), await createExternalAccount(service(), { 'Products.1': 'chancery-private-short' }))
      const order = await placeOrder(client, ['one.example.com'])
      const more = await client.post(client.url('newOrder'), identifiersOf(['two.example.com']))
      assert.deepEqual([more.status, more.error], [429, 'rateLimited'], more.text)
      assert.match(more.headers.get('retry-after') ?? '', /^[1-9][0-9]{0,2}$/)
      // What is given up makes room.
      await client.post(order.authorizations[0] ?? '', { status: 'deactivated' })
      const placed = await until('the unit to be back', async () => {
        const answer = await client.post(client.url('newOrder'), identifiersOf(['two.example.com']))
        return answer.status === 201 ? answer : undefined
      })
      assert.equal(placed.body['profile'], 'chancery-private-short')
    })

    it('a renewal for the same names takes no unit, an order for others does', async () => {
      const external = await createExternalAccount(service())
      const client = await registered(service(), external)
      await obtain(client, ['free.example.com', 'www.free.example.com'])
      assert.equal(await unitsUsed(external.kid), 1)
      for (let renewals = 0; renewals < 3; renewals += 1) await obtain(client, ['www.free.example.com', 'free.example.com'])
      assert.equal(await unitsUsed(external.kid), 1)
      await obtain(client, ['free.example.com'])
      assert.equal(await unitsUsed(external.kid), 2)
    })

    it('an account whose key has expired looks at what it has, revokes, and orders nothing more', async () => {
      const ExpiresAt = String(service().services.clock() + 3_600_000)
      const client = await registered(service(), await createExternalAccount(service(), { ExpiresAt }))
      const { url: certificate, pem } = await obtain(client, ['expiring.example.com'])
      const pending = await placeOrder(client, ['expiring2.example.com'])
      const ready = await placeOrder(client, ['expiring.example.com', 'expiring3.example.com'])
      await prove(client, ready)
      const http = (await challengesOf(client, pending.authorizations[0] ?? '')).get('http-01')?.url ?? ''
      await later(world, [client], 3_700_000, async () => {
        const changes: [string, unknown][] = [
          [client.url('newOrder'), identifiersOf(['expiring4.example.com'])],
          [http, {}],
          [ready.finalize, { csr: csrFor(['expiring.example.com', 'expiring3.example.com']) }],
          [pending.authorizations[0] ?? '', { status: 'deactivated' }],
        ]
        for (const [url, payload] of changes) {
          const answer = await client.post(url, payload)
          assert.deepEqual([answer.status, answer.error], [403, 'unauthorized'], `${url}: ${answer.text}`)
          assert.match(answer.text, /expired/)
        }
        const revoked = await client.post(client.url('revokeCert'), { certificate: encode(new X509Certificate(pem).raw) })
        assert.equal(revoked.status, 200, 'what only ends something is never refused for that')
        for (const url of [client.kid ?? '', `${client.kid}/orders`, pending.url, ready.authorizations[0] ?? '', http, certificate]) {
          assert.equal((await client.post(url)).status, 200, url)
        }
      })
      assert.equal((await client.post(ready.url)).body['status'], 'ready')
    })

    it('36. an account that the operator revokes loses its open orders, and their units go back (7.1.6)', async () => {
      const external = await createExternalAccount(service())
      const client = await registered(service(), external)
      await obtain(client, ['done36.example.com'])
      await placeOrder(client, ['open36.example.com'])
      await prove(client, await placeOrder(client, ['ready36.example.com']))
      assert.equal(await unitsUsed(external.kid), 3)
      const AcmeAccountId = client.kid?.split('/').at(-1) ?? ''
      await service().succeed('UpdateAcmeAccount', { AcmeAccountId, Status: 'revoked' }, extension)
      await until('the units to be back', async () => ((await unitsUsed(external.kid)) === 1 ? true : undefined))
      const { db } = service().services
      const states = await db.read.selectFrom('orders').select('state').where('acme_account_id', '=', Number(AcmeAccountId)).execute()
      assert.deepEqual(states.map(({ state }) => state).toSorted(), ['failed', 'failed', 'issued'])
      const late = await client.post(client.kid ?? '')
      assert.deepEqual([late.status, late.error, late.body['detail']], [401, 'unauthorized', 'The account is revoked.'])
    })
  },
  { ports: world.ports },
)

describeService(
  'open orders at the ACME door',
  (service) => {
    it('78. a principal has no more of them than it may have, and is told when to try again (6.6)', async () => {
      const client = await registered(service())
      const orders = [await placeOrder(client, ['a.example.com']), await placeOrder(client, ['b.example.com'])]
      const other = await registered(service())
      const refused = await other.post(other.url('newOrder'), identifiersOf(['c.example.com']))
      assert.deepEqual([refused.status, refused.error, refused.headers.get('retry-after')], [429, 'rateLimited', '60'], refused.text)
      // An order that is open already is no further one.
      assert.equal((await placeOrder(client, ['b.example.com'])).url, orders[1]?.url)
      await client.post(orders[0]?.authorizations[0] ?? '', { status: 'deactivated' })
      await until('room', async () =>
        (await other.post(other.url('newOrder'), identifiersOf(['c.example.com']))).status === 201 ? true : undefined,
      )
    })
  },
  { ports: world.ports, env: { CHANCERY_ACME_OPEN_ORDERS: '2' } },
)
