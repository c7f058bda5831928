import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { formatAriId } from '../../src/orders/acme/ari-id.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { oids } from '../../src/x509/oid.ts'
import { findExtension, readAuthorityKeyIdentifier } from '../../src/x509/read-extensions.ts'
import { describeService, itOnBothEngines, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { AcmeClient } from './acme-client.ts'
import { csrFor, identifiersOf, makeWorld, obtain, placeOrder, prove, registered } from './acme-orders.ts'
import { createExternalAccount } from './external-accounts.ts'

const world = makeWorld()

/** The identifier of a certificate, made of the certificate alone. */
function ariIdOf(pem: string): string {
  const { serial, extensions } = parseCertificate(new X509Certificate(pem).raw)
  const keyIdentifier = findExtension(extensions, oids.authorityKeyIdentifier, readAuthorityKeyIdentifier)
  return formatAriId({ keyIdentifier: keyIdentifier ?? assert.fail('no key identifier'), serial })
}

describeService(
  'profiles and replacements at the ACME door',
  (service) => {
    it('92. a profile is a product: listed, chosen or the default, and echoed (draft-ietf-acme-profiles 3)', async () => {
      await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-short', Count: '5' }, extension)
      const external = await createExternalAccount(service(), { 'Products.2': 'chancery-private-short' })
      const client = await registered(service(), external)
      const profiles = client.directory.meta['profiles'] as Record<string, string>
      for (const [code, text] of Object.entries(profiles)) {
        const product = service().services.catalogue.find(code)
        assert.deepEqual([product?.level, product?.name], ['DV', text])
      }
      const byDefault = await placeOrder(client, ['default.example.com'])
      assert.equal(byDefault.answer.body['profile'], 'chancery-private-mix')
      const short = await placeOrder(client, ['short.example.com'], { profile: 'chancery-private-short' })
      for (const { body } of [short.answer, await client.post(short.url)]) assert.equal(body['profile'], 'chancery-private-short')
      await prove(client, short)
      const done = await client.post(short.finalize, { csr: csrFor(['short.example.com']) })
      const leaf = new X509Certificate((await client.post(String(done.body['certificate']))).text)
      assert.equal(Math.round((leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000), 6)
      const refused: [unknown, string][] = [
        ['nothing', 'invalidProfile'],
        ['', 'invalidProfile'],
        ['__proto__', 'invalidProfile'],
        // OV and EV are not sold at this door.
        ['geotrust-ov-1-personal', 'invalidProfile'],
        // A product that the external account key does not allow.
        ['chancery-private-1', 'invalidProfile'],
        [7, 'malformed'],
        [null, 'malformed'],
      ]
      for (const [profile, error] of refused) {
        const answer = await client.post(client.url('newOrder'), { ...identifiersOf(['p.example.com']), profile })
        assert.deepEqual([answer.status, answer.error], [400, error], String(profile))
      }
    })

    it('90. a replacement is echoed for ever, of one certificate there is one, and one that fails frees it (RFC 9773 5)', async () => {
      const client = await registered(service())
      const { pem } = await obtain(client, ['replaced.example.com', 'www.replaced.example.com'])
      const replaces = ariIdOf(pem)
      const tryIt = async (names: readonly string[], id: unknown = replaces, by = client) => {
        const { status, error } = await by.post(by.url('newOrder'), { ...identifiersOf(names), replaces: id })
        return [status, error]
      }
      for (const id of ['', 'x', `${replaces}=`, replaces.split('.')[0], 7, null]) {
        assert.deepEqual(await tryIt(['replaced.example.com'], id), [400, 'malformed'], String(id))
      }
      const unknown = `${replaces.split('.')[0]}.${'AQ'.repeat(10)}`
      assert.deepEqual(await tryIt(['replaced.example.com'], unknown), [400, 'malformed'])
      assert.deepEqual(await tryIt(['other.example.com']), [400, 'malformed'], 'no name is shared')
      assert.deepEqual(await tryIt(['replaced.example.com'], replaces, await registered(service())), [400, 'malformed'])

      const first = await placeOrder(client, ['replaced.example.com', 'new.example.com'], { replaces })
      assert.equal(first.answer.body['replaces'], replaces)
      assert.deepEqual(await tryIt(['replaced.example.com']), [409, 'alreadyReplaced'])
      const fresh = first.authorizations.at(-1) ?? ''
      await client.post(fresh, { status: 'deactivated' })
      await until('the certificate to be free', async () => ((await tryIt(['replaced.example.com']))[0] === 201 ? true : undefined))
      assert.equal((await client.post(first.url)).body['replaces'], replaces)
      const second = await placeOrder(client, ['replaced.example.com'], { replaces })
      assert.equal((await client.post(second.finalize, { csr: csrFor(['replaced.example.com']) })).body['status'], 'valid')
      assert.equal((await client.post(second.url)).body['replaces'], replaces)
      assert.deepEqual(await tryIt(['www.replaced.example.com']), [409, 'alreadyReplaced'])
    })

    it('90. of several replacements at a time one wins (RFC 9773 5)', async () => {
      const client = await registered(service())
      const { pem } = await obtain(client, ['many.example.com'])
      const replaces = ariIdOf(pem)
      const answers = await Promise.all(
        [1, 2, 3, 4].map((n) =>
          client.post(client.url('newOrder'), { ...identifiersOf(['many.example.com', `n${n}.example.com`]), replaces }),
        ),
      )
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [201, 409, 409, 409],
      )
    })
  },
  { ports: world.ports },
)

itOnBothEngines('92. finalize of a profile that was withdrawn is invalidProfile (draft-ietf-acme-profiles 4)', async (data) => {
  const file = join(data.folder, 'products.json')
  const product = { code: 'own-profile', name: 'Own', brand: 'Own', domainKind: 'mix', maxNames: 10 }
  writeFileSync(file, JSON.stringify([product]))
  const offered = await withService(
    data,
    async (service) => {
      await service.succeed('PurchasePackage', { ProductCode: product.code, Count: '2' }, extension)
      const external = await createExternalAccount(service, { 'Products.2': product.code })
      const client = await registered(service, external)
      const order = await placeOrder(client, ['withdrawn.example.com'], { profile: product.code })
      await prove(client, order)
      return { key: client.key, kid: client.kid, order }
    },
    { CHANCERY_PRODUCTS_FILE: file },
    world.ports(),
  )
  await withService(
    data,
    async (service) => {
      const base = service.addresses.http ?? assert.fail()
      const here = (url = '') => url.replace(/^http:\/\/[^/]+/, base)
      const client = await AcmeClient.open(base, offered.key)
      client.kid = here(offered.kid)
      const refused = await client.post(here(offered.order.finalize), { csr: csrFor(['withdrawn.example.com']) })
      assert.deepEqual([refused.status, refused.error], [400, 'invalidProfile'], refused.text)
      assert.equal((await client.post(here(offered.order.url))).body['status'], 'ready')
    },
    {},
    world.ports(),
  )
})
