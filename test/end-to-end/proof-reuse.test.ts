import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { AcmeClient, encode } from '../acme/acme-client.ts'
import { createExternalAccount } from '../acme/external-accounts.ts'
import { csrFor } from '../orders/acme/door.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { proven } from '../orders/open-test-services.ts'
import { application, describeService, until } from '../support/service.ts'

/** Names that were looked at. */
const seen: string[] = []

describeService(
  'a name that was proven',
  (service) => {
    const stateOf = async (OrderId: unknown) => await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) })

    it('at the ACME door is not proven again at the RPC door: the order is issued by itself', async () => {
      const client = await AcmeClient.open(service().addresses.http ?? assert.fail())
      await client.register(await createExternalAccount(service()))
      const identifiers = [{ type: 'dns', value: 'first.example.com' }]
      const placed = await client.post(client.url('newOrder'), { identifiers })
      const { body } = await client.post((placed.body['authorizations'] as string[])[0] ?? '')
      const challenges = body['challenges'] as { type: string; url: string }[]
      await client.post(challenges.find(({ type }) => type === 'dns-01')?.url ?? '', {})
      const done = await client.post(String(placed.body['finalize']), { csr: encode(csrFor(['first.example.com'])) })
      assert.equal(done.body['status'], 'valid', done.text)

      seen.length = 0
      const { Domain: _, ...applicant } = application
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', { ...applicant, Csr: makeCsr('first.example.com') })
      // Nobody looks at it meanwhile: the runner is told.
      await until('the certificate', async () => {
        const row = await service()
          .services.db.read.selectFrom('orders')
          .select('state')
          .where('id', '=', Number(OrderId))
          .executeTakeFirstOrThrow()
        return row.state === 'issued' ? row : undefined
      })
      const issued = await stateOf(OrderId)
      assert.equal(issued['Type'], 'certificate')
      assert.equal(new X509Certificate(String(issued['Certificate'])).subjectAltName, 'DNS:first.example.com')
      assert.deepEqual(seen, [])
    })

    it('at the RPC door is not proven again at the ACME door, nor is its wildcard', async () => {
      const { OrderId } = await service().succeed('CreateCertificateRequest', {
        ...application,
        Domain: 'second.example.com',
        KeyAlgorithm: 'ECC_256',
      })
      await until('the certificate', async () => ((await stateOf(OrderId))['Type'] === 'certificate' ? true : undefined))
      assert.ok(seen.includes('second.example.com'))
      seen.length = 0
      const client = await AcmeClient.open(service().addresses.http ?? assert.fail())
      await client.register(await createExternalAccount(service()))
      const names = ['second.example.com', '*.second.example.com']
      const placed = await client.post(client.url('newOrder'), { identifiers: names.map((value) => ({ type: 'dns', value })) })
      assert.equal(placed.body['status'], 'ready', placed.text)
      const done = await client.post(String(placed.body['finalize']), { csr: encode(csrFor(names)) })
      assert.equal(done.body['status'], 'valid', done.text)
      assert.deepEqual(seen, [])
    })
  },
  {
    ports: () => ({
      domainControl: {
        maxConcurrent: 4,
        check({ identifier }) {
          seen.push(identifier)
          return Promise.resolve(proven)
        },
      },
    }),
  },
)
