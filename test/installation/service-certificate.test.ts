import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { loadServiceCertificate } from '../../src/installation/service-certificate.ts'
import { atBothEngines, dayMs } from './place.ts'
import { SERVICE_ORIGIN } from '../../src/storage/events.ts'

void describe("the listener's own certificate", () => {
  atBothEngines('is for localhost, from the own CA, with its key', async (place) => {
    const { services, installation } = await place.open({ CHANCERY_PUBLIC_URL: 'https://pki.example:8443' })
    const { cert, key } = await loadServiceCertificate(services, installation.rootAccountId)
    const leaf = new X509Certificate(cert)
    const names = (leaf.subjectAltName ?? '').split(', ')
    assert(names.includes('DNS:localhost') && names.includes('DNS:pki.example'), names.join())
    assert(leaf.checkPrivateKey(createPrivateKey(key)))
    assert(leaf.verify(new X509Certificate(Buffer.from(services.authority.issuerDer)).publicKey))
    assert.equal(cert.match(/BEGIN CERTIFICATE/g)?.length, 2)
    const row = await services.db.read.selectFrom('certificates').selectAll().executeTakeFirstOrThrow()
    assert.deepEqual([row.source, row.order_id], ['service', null])
  })

  atBothEngines('is the same after a restart', async (place) => {
    const first = await place.open()
    const before = await loadServiceCertificate(first.services, first.installation.rootAccountId)
    await first.close()
    const second = await place.open()
    assert.deepEqual(await loadServiceCertificate(second.services, second.installation.rootAccountId), before)
    assert.equal((await second.services.db.read.selectFrom('certificates').select('id').execute()).length, 1)
  })

  atBothEngines('is made anew 30 days before its end and not earlier', async (place) => {
    const { services, installation } = await place.open()
    const load = (): Promise<{ cert: string }> => loadServiceCertificate(services, installation.rootAccountId)
    const { cert } = await load()
    const end = new X509Certificate(cert).validToDate.getTime()
    place.clock.now = end - 30 * dayMs - 1
    assert.equal((await load()).cert, cert)
    place.clock.now += 1
    const renewed = new X509Certificate((await load()).cert)
    assert.notEqual(renewed.serialNumber, new X509Certificate(cert).serialNumber)
    assert(renewed.validToDate.getTime() > end)
    assert.equal((await load()).cert.split('-----END')[0], renewed.toString().split('-----END')[0])
  })

  atBothEngines('that was revoked is not shown again', async (place) => {
    const { services, installation } = await place.open()
    const before = await loadServiceCertificate(services, installation.rootAccountId)
    const { id, account_id, issuer_id, crl_shard } = await services.db.read.selectFrom('certificates').selectAll().executeTakeFirstOrThrow()
    const { db, clock } = services
    const common = { orderId: null, now: clock(), reason: 1, destroyKeyAt: clock(), origin: SERVICE_ORIGIN, caller: null, refund: null }
    const eventId = await db.nextId('events')
    await db.write.revokeCertificate({
      certificateId: id,
      accountId: account_id,
      issuerId: issuer_id,
      crlShard: crl_shard,
      eventId,
      ...common,
    })
    assert.notEqual((await loadServiceCertificate(services, installation.rootAccountId)).cert, before.cert)
  })
})
