import assert from 'node:assert/strict'
import { before, describe } from 'node:test'
import { sql } from 'kysely'
import { deleteCertificate } from '../../src/certificates/delete-certificate.ts'
import {
  type CertificateReference,
  describeCertificate,
  loadCertificateCard,
  openCertificate,
} from '../../src/certificates/describe-certificate.ts'
import { uploadCertificate, type UploadRequest } from '../../src/certificates/upload-certificate.ts'
import type { RequestContext } from '../../src/gateway/caller.ts'
import { cancelOrder } from '../../src/orders/cancel-order.ts'
import { describeOrder } from '../../src/orders/describe-order.ts'
import { renewOrder } from '../../src/orders/renew-order.ts'
import {
  addPlan,
  dayMs,
  load,
  onBothEngines,
  place,
  proven,
  start,
  type TestServices,
  writeDirectly,
} from '../orders/open-test-services.ts'
import { contextOf } from '../support/context.ts'
import { makeAuthority, type TestAuthority, type TestPair } from './make-certificates.ts'

let authority: TestAuthority
let leaf: TestPair
let other: TestPair
let sign: TestPair
let encrypt: TestPair

before(async () => {
  authority = await makeAuthority('A CA')
  leaf = await authority.issue({ cn: 'www.example.com' })
  other = await authority.issue({ cn: 'other.example.com' })
  const sm2 = await makeAuthority('An SM2 CA', 'sm2')
  sign = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2' })
  encrypt = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2' })
})

const uploading = (test: TestServices): RequestContext => contextOf(test.caller, { action: 'UploadUserCertificate' })
const deleting = (test: TestServices): RequestContext => contextOf(test.caller, { action: 'DeleteUserCertificate' })

function upload(test: TestServices, changes: Partial<UploadRequest> = {}): Promise<{ certId: number; resource: string }> {
  return uploadCertificate(test.services, {
    context: uploading(test),
    name: 'mine',
    texts: leaf,
    resourceGroup: undefined,
    tags: [],
    clientToken: undefined,
    ...changes,
  })
}

function remove(test: TestServices, certId: number, clientToken?: string): Promise<void> {
  return deleteCertificate(test.services, deleting(test), { certId, clientToken })
}

async function open(test: TestServices, reference: CertificateReference) {
  const context = contextOf(test.caller, { action: 'GetUserCertificateDetail' })
  const card = await loadCertificateCard(test.services, context, reference, 'yundun-cert:GetUserCertificateDetail')
  return await openCertificate(test.services, context, card)
}

/** Kinds and details of the events about a certificate, oldest first. */
async function eventsAbout({ services: { db } }: TestServices, certId: number) {
  const rows = await db.read
    .selectFrom('events')
    .select(['kind', 'detail', 'action'])
    .where('resource', '=', `certificate/${certId}`)
    .orderBy('id')
    .execute()
  return rows.map(({ kind, detail, action }) => ({ kind, action, detail: JSON.parse(detail) as Record<string, unknown> }))
}

/** An order that is issued, with its certificate's id. */
async function issue(test: TestServices, changes: Parameters<typeof place>[1] = {}): Promise<{ orderId: number; certId: number }> {
  test.world.look = () => Promise.resolve(proven)
  const order = await place(test, changes)
  return { orderId: order.id, certId: await finish(test, order.id) }
}

async function finish(test: TestServices, orderId: number): Promise<number> {
  await test.services.advancer.advance(orderId, AbortSignal.timeout(10_000))
  return (await load(test, orderId)).certificate_id ?? assert.fail('the order is not issued')
}

describe('an uploaded certificate', () => {
  onBothEngines('is given back as it was uploaded, with its tags; upload and reading of the key are on record', async (test) => {
    const { certId, resource } = await upload(test, {
      texts: { cert: leaf.cert + authority.cert, key: leaf.key },
      resourceGroup: 'rg-one',
      tags: [{ key: 'team', value: 'web' }],
    })
    assert.equal(resource, `cas-upload-${certId}`)
    for (const reference of [{ certId }, { resource }]) {
      const { card, content, chain, tags, order, keyWithheld } = await open(test, reference)
      assert.deepEqual(
        [card.id, card.name, card.source, card.instance, card.resource, card.resource_group, card.has_key, card.created_at],
        [certId, 'mine', 'upload', resource, resource, 'rg-one', 1, test.clock.now],
      )
      assert.deepEqual(content, {
        certificatePem: leaf.cert + authority.cert,
        privateKeyPem: leaf.key,
        encrypt: undefined,
        holdsKey: true,
      })
      assert.deepEqual(
        chain.map(({ subject, issuer }) => [subject, issuer]),
        [
          ['www.example.com', 'A CA'],
          ['A CA', 'A CA'],
        ],
      )
      assert.deepEqual([tags.map(({ key, value }) => [key, value]), order, keyWithheld], [[['team', 'web']], undefined, false])
    }
    const events = await eventsAbout(test, certId)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['certificate.uploaded', 'key.read', 'key.read'],
    )
    assert.equal(events[0]?.action, 'UploadUserCertificate')
    assert.deepEqual([events[0]?.detail['name'], events[0]?.detail['domain']], ['mine', 'www.example.com'])
  })

  onBothEngines('of SM2 is given back as both pairs', async (test) => {
    const texts = { signCert: sign.cert, signPrivateKey: sign.key, encryptCert: encrypt.cert, encryptPrivateKey: encrypt.key }
    const { certId } = await upload(test, { texts })
    const { content, card } = await open(test, { certId })
    assert.deepEqual([content.certificatePem, content.privateKeyPem], [sign.cert, sign.key])
    assert.deepEqual(content.encrypt, { certificatePem: encrypt.cert, privateKeyPem: encrypt.key })
    assert.equal(card.algorithm, 'SM2')
  })

  onBothEngines('has its key sealed in the database', async (test) => {
    const { certId } = await upload(test)
    const row = await test.services.db.read
      .selectFrom('uploaded_certificates')
      .selectAll()
      .where('id', '=', certId)
      .executeTakeFirstOrThrow()
    const [, line = assert.fail()] = leaf.key.split('\n')
    assert.ok(!Buffer.from(row.key_sealed ?? []).includes(line))
    assert.ok(!row.certificate_pem.includes(line))
    // Bound to the certificate: it opens under no other name.
    assert.throws(() =>
      test.services.sealer.open(row.key_sealed ?? new Uint8Array(), {
        purpose: 'certificateKey',
        accountId: test.caller.accountId,
        id: `upload-${certId + 1}`,
      }),
    )
  })

  onBothEngines('has a name that no other of the account has, in any letter case, until it is deleted', async (test) => {
    const { certId } = await upload(test, { name: 'My-Cert.1' })
    await assert.rejects(upload(test, { name: 'My-Cert.1' }), { problem: 'nameRepeat', code: 'NameRepeat', status: 400 })
    await assert.rejects(upload(test, { name: 'mY-cERT.1', texts: other }), { problem: 'nameRepeat' })
    await remove(test, certId)
    const again = await upload(test, { name: 'My-Cert.1' })
    assert.notEqual(again.certId, certId)
  })

  onBothEngines('of one name is stored once, however many upload it at once', async (test) => {
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => upload(test)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.problem, 'nameRepeat')
  })

  onBothEngines('is the same one for a ClientToken, and a mismatch for the token with another input', async (test) => {
    const first = await upload(test, { clientToken: 'a-token' })
    // The original answers NameRepeat here.
    assert.deepEqual(await upload(test, { clientToken: 'a-token' }), first)
    for (const changes of [{ name: 'another' }, { texts: other }, { tags: [{ key: 'k', value: 'v' }] }, { resourceGroup: 'rg-x' }]) {
      await assert.rejects(upload(test, { ...changes, clientToken: 'a-token' }), { problem: 'idempotentParameterMismatch' })
    }
    await assert.rejects(upload(test, { clientToken: 'another-token' }), { problem: 'nameRepeat' })
    const all = await Promise.all(Array.from({ length: 5 }, () => upload(test, { name: 'raced', clientToken: 'raced' })))
    assert.equal(new Set(all.map(({ certId }) => certId)).size, 1)
  })

  onBothEngines('is refused beyond the limit of the account', async (test) => {
    const { db } = test.services
    await upload(test)
    const { certId } = await upload(test, { name: 'second' })
    const card = await db.read.selectFrom('certificate_cards').selectAll().where('id', '=', certId).executeTakeFirstOrThrow()
    const id = await db.nextId('certificates')
    const write = async (most: number) =>
      await db.write.uploadCertificate({
        card: { ...card, id, name: 'third', name_key: 'third' },
        uploaded: { id, account_id: card.account_id, certificate_pem: 'x', key_sealed: null, encrypt_pem: null, encrypt_key_sealed: null },
        tags: [],
        most,
        caller: test.caller,
        origin: { principal: test.caller.principal, action: 'UploadUserCertificate', sourceIp: null, requestId: null },
        eventId: await db.nextId('events'),
        now: test.clock.now,
        token: null,
      })
    await assert.rejects(write(2), { problem: 'limitExceeded', code: 'LimitExceeded.UserCertificate' })
    await write(3)
  })

  onBothEngines('is counted and found by indexes of its own, however many orders the account has', async ({ services: { db } }) => {
    if (db.engine !== 'sqlite') return
    const planOf = async (query: string) =>
      (await sql.raw<{ detail: string }>(`explain query plan ${query}`).execute(db.read)).rows.map(({ detail }) => detail).join('; ')
    const uploaded = `select id from certificate_cards where account_id = 1 and source = 'upload' and deleted_at is null order by id limit 1 offset 9`
    assert.match(await planOf(uploaded), /^SEARCH certificate_cards USING INDEX certificate_cards_uploaded/)
    const newest = `select * from certificate_cards where account_id = 1 and resource = 'x' and deleted_at is null order by id desc limit 1`
    assert.match(
      await planOf(newest),
      /^SEARCH certificate_cards USING INDEX certificate_cards_by_resource \(account_id=\? AND resource=\?\)$/,
    )
  })

  onBothEngines('is deleted at any time, with its key and tags; then it is as if it had never been', async (test) => {
    const { certId, resource } = await upload(test, { tags: [{ key: 'k', value: 'v' }] })
    await assert.rejects(
      deleteCertificate(test.services, contextOf({ ...test.caller, accountId: test.caller.accountId + 1 }), {
        certId,
        clientToken: undefined,
      }),
      { problem: 'notFoundCertificate' },
    )
    await remove(test, certId, 'a-token')
    // A repeated call with its token gets the same answer, one without is told.
    await remove(test, certId, 'a-token')
    await assert.rejects(remove(test, certId), { problem: 'notFoundCertificate', code: 'NotFound', status: 400 })
    await assert.rejects(remove(test, certId + 1, 'a-token'), { problem: 'idempotentParameterMismatch' })
    await assert.rejects(open(test, { certId }), { problem: 'notFoundCertificate' })
    await assert.rejects(open(test, { resource }), { problem: 'notFoundCertificate' })
    const { read } = test.services.db
    assert.equal((await read.selectFrom('uploaded_certificates').selectAll().execute()).length, 0)
    assert.equal((await read.selectFrom('tags').selectAll().where('resource_type', '=', 'certificate').execute()).length, 0)
    const events = await eventsAbout(test, certId)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['certificate.uploaded', 'certificate.deleted'],
    )
    assert.deepEqual(events[1]?.detail, { name: 'mine', source: 'upload' })
  })

  onBothEngines('is not stored or deleted by a key that was switched off', async (test) => {
    const { certId } = await upload(test)
    await writeDirectly(test, `update access_keys set status = 'Inactive'`)
    await assert.rejects(upload(test, { name: 'late' }), { problem: 'callerInactive' })
    await assert.rejects(remove(test, certId), { problem: 'callerInactive' })
    assert.equal((await open(test, { certId })).card.name, 'mine')
  })
})

describe('an issued certificate', () => {
  onBothEngines('is described with its order, its chain and the tags of the order', async (test) => {
    const { orderId, certId } = await issue(test, { tags: [{ key: 'of', value: 'order' }] })
    const { card, order, content, chain, tags } = await open(test, { certId })
    assert.deepEqual([card.source, card.order_id, order?.id, card.name], ['order', orderId, orderId, `cert-${certId}`])
    assert.equal(content.certificatePem.match(/BEGIN CERTIFICATE/g)?.length, 2)
    assert.match(content.privateKeyPem ?? '', /^-----BEGIN EC PRIVATE KEY-----\n/)
    assert.equal(chain.length, 2)
    assert.deepEqual(
      tags.map(({ key, value }) => [key, value]),
      [['of', 'order']],
    )
    const described = await describeCertificate(test.services, card)
    assert.ok(!JSON.stringify(described).includes('PRIVATE KEY') && !JSON.stringify(described).includes('BEGIN CERTIFICATE'))
  })

  onBothEngines('is deleted only once it is revoked or has expired; its key goes, its order and revocation stay', async (test) => {
    const valid = await issue(test)
    await assert.rejects(remove(test, valid.certId), { problem: 'certificateValid', code: 'DeleteFail', status: 403 })
    await cancelOrder(test.services, contextOf(test.caller), valid.orderId)
    await remove(test, valid.certId)
    const revoked = await test.services.db.read
      .selectFrom('certificates')
      .leftJoin('keys', 'keys.id', 'certificates.key_id')
      .select(['revoked_at', 'sealed', 'destroyed_at'])
      .where('certificates.id', '=', valid.certId)
      .executeTakeFirstOrThrow()
    assert.deepEqual({ ...revoked }, { revoked_at: start, sealed: null, destroyed_at: start })
    const shown = await describeOrder(test.services, valid.orderId, contextOf(test.caller))
    assert(shown.stage === 'issued')
    assert.deepEqual([shown.privateKeyPem, shown.keyWithheld], [undefined, false])

    const old = await issue(test, { domain: 'old.example.com' })
    const { card } = await open(test, { certId: old.certId })
    test.clock.now = card.not_after
    await assert.rejects(remove(test, old.certId), { problem: 'certificateValid' })
    test.clock.now += 1_000
    await remove(test, old.certId)
    await assert.rejects(open(test, { certId: old.certId }), { problem: 'notFoundCertificate' })
  })

  onBothEngines('has a ResourceId that leads to the newest of its renewals that is there', async (test) => {
    await addPlan(test, { units: 3, validUntil: start + 365 * dayMs, productCode: 'geotrust-dv-1-starter' })
    const first = await issue(test, { productCode: 'geotrust-dv-1-starter' })
    const { card } = await open(test, { certId: first.certId })
    assert.equal(card.resource, `cas-cert-${first.orderId}`)
    test.clock.now = card.not_after - 10 * dayMs
    const { orderId } = await renewOrder(test.services, {
      context: contextOf(test.caller),
      orderId: first.orderId,
      csr: undefined,
      tags: [],
      submit: true,
      clientToken: undefined,
    })
    assert.equal((await open(test, { resource: card.resource })).card.id, first.certId)
    test.clock.now += 2_000
    const renewed = await finish(test, orderId)
    const newest = await open(test, { resource: card.resource })
    assert.deepEqual([newest.card.id, newest.card.order_id], [renewed, orderId])
    await cancelOrder(test.services, contextOf(test.caller), orderId)
    await remove(test, renewed)
    assert.equal((await open(test, { resource: card.resource })).card.id, first.certId)
  })

  onBothEngines('that the account keeps another name for is still issued', async (test) => {
    await assert.rejects(upload(test, { name: 'cert-10000005' }), { problem: 'invalidParameter' })
    await upload(test, { name: 'cert-1' })
    await issue(test)
  })
})
