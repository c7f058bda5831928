import assert from 'node:assert/strict'
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { before, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import { parseCertificationRequest } from '../../src/x509/csr.ts'
import { decodeOnlyPem } from '../../src/x509/pem.ts'
import { makeKey, traditionalKey } from '../certificates/make-certificates.ts'
import { csr as asked } from '../support/action-recipes.ts'
import { callGeneric, createCasClient } from '../support/cas-client.ts'
import { codeOf } from '../support/ram-client.ts'
import { application, describeService, type TestService, until } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { countStored } from '../support/stored.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf } from '../support/tenants.ts'
import { runOpenssl } from '../x509/openssl.ts'

let key: string
let otherKey: string
let handMade: string
let withoutName: string

before(async () => {
  key = await makeKey('rsa')
  otherKey = await makeKey('ec')
  handMade = await opensslCsr('/C=DE/ST=Hessen/L=Fulda/O=Muster GmbH/OU=IT/CN=hand.example.com')
  withoutName = await opensslCsr('/O=Muster GmbH')
})

async function opensslCsr(subject: string): Promise<string> {
  const names = 'subjectAltName=DNS:hand.example.com,DNS:b.example.com'
  return await runOpenssl(['req', '-new', '-utf8', '-key', '@key', '-subj', subject, '-addext', names], { key })
}

const keySha2 = (pem: string) =>
  createHash('sha256')
    .update(createPublicKey(createPrivateKey(pem)).export({ format: 'der', type: 'spki' }))
    .digest('hex')

const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const
const ports = () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } })

async function certificateOf(service: TestService, OrderId: unknown): Promise<Record<string, unknown>> {
  return await until('the certificate', async () => {
    const state = await service.succeed('DescribeCertificateState', { OrderId: String(OrderId) })
    return state['Type'] === 'certificate' ? { ...state } : undefined
  })
}

const { Domain: _domain, ...applicant } = application

/** Rows by table, without the trail: calls that changed nothing reach it up to a second later. */
async function countContent(service: TestService): Promise<object> {
  const { events: _, ...content } = await countStored(service)
  return content
}

describeService(
  'stored CSRs',
  (service) => {
    const keptKey = async (csrId: unknown) =>
      await service().services.db.read.selectFrom('csrs').select('key_sealed').where('id', '=', Number(csrId)).executeTakeFirst()

    it('are made, listed, read, given a key and deleted by the official client', async () => {
      const client = createCasClient(service())
      const made = await client.createCsr(
        new Cas.CreateCsrRequest({
          algorithm: 'RSA',
          keySize: 2048,
          commonName: '*.bücher.example',
          sans: 'WWW.example.com, example.com',
          countryCode: 'cn',
          province: 'Zhejiang',
          locality: 'Hangzhou',
          corpName: 'Größe & Söhne',
          department: 'IT',
          name: 'by_the-SDK.1',
        }),
      )
      const csrId = made.body?.csrId ?? assert.fail('no CsrId')
      const csr = made.body?.csr ?? assert.fail('no Csr')
      const shown = await runOpenssl(['req', '-in', '@csr', '-verify', '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus_space'], { csr })
      assert.match(shown, /verify OK/)
      assert.match(shown, /Subject: C=CN, ST=Zhejiang, L=Hangzhou, O=Größe & Söhne, OU=IT, CN=\*\.xn--bcher-kva\.example/)
      assert.match(shown, /DNS:\*\.xn--bcher-kva\.example, DNS:www\.example\.com, DNS:example\.com/)
      assert.match(shown, /2048 bit/)

      const detail = await callGeneric(client, 'GetCsrDetail', { CsrId: csrId })
      assert.equal(detail['Csr'], csr)
      const privateKey = String(detail['PrivateKey'])
      assert.ok(!('PrivateKeyWithheld' in detail))
      const { body: list } = await client.listCsr(new Cas.ListCsrRequest({ keyWord: 'BY_THE', algorithm: 'RSA' }))
      assert.deepEqual([list?.currentPage, list?.showSize, list?.totalCount], [1, 50, 1])
      assert.deepEqual(
        list?.csrList?.map((one) => one.toMap()),
        [
          {
            CsrId: csrId,
            Name: 'by_the-SDK.1',
            Algorithm: 'RSA',
            KeySize: 2048,
            KeySha2: keySha2(privateKey),
            CommonName: '*.xn--bcher-kva.example',
            Sans: '*.xn--bcher-kva.example,www.example.com,example.com',
            CountryCode: 'CN',
            Province: 'Zhejiang',
            Locality: 'Hangzhou',
            CorpName: 'Größe & Söhne',
            Department: 'IT',
            HasPrivateKey: true,
          },
        ],
      )
      const uploaded = await client.uploadCsr(new Cas.UploadCsrRequest({ csr: handMade }))
      const uploadedId = uploaded.body?.csrId ?? assert.fail('no CsrId')
      const { CsrList } = await service().succeed('ListCsr', { KeyWord: 'b.example.com' })
      assert.deepEqual(CsrList, [
        {
          CsrId: uploadedId,
          Name: `csr-${uploadedId}`,
          Algorithm: 'RSA',
          KeySize: 2048,
          KeySha2: keySha2(key),
          CommonName: 'hand.example.com',
          Sans: 'hand.example.com,b.example.com',
          CountryCode: 'DE',
          Province: 'Hessen',
          Locality: 'Fulda',
          CorpName: 'Muster GmbH',
          Department: 'IT',
          HasPrivateKey: false,
        },
      ])
      await client.updateCsr(new Cas.UpdateCsrRequest({ csrId: uploadedId, key: await traditionalKey(key) }))
      const after = await callGeneric(client, 'GetCsrDetail', { CsrId: uploadedId })
      assert.deepEqual([keySha2(String(after['PrivateKey'])), after['Csr']], [keySha2(key), handMade])

      await client.deleteCsr(new Cas.DeleteCsrRequest({ csrId: uploadedId }))
      assert.equal(await keptKey(uploadedId), undefined)
      for (const action of ['GetCsrDetail', 'UpdateCsr', 'DeleteCsr']) {
        assert.equal(await codeOf(callGeneric(client, action, { CsrId: uploadedId, Key: key })), '400 NotFound', action)
      }
      const events = await service()
        .services.db.read.selectFrom('events')
        .select('kind')
        .where('resource', '=', `csr/${uploadedId}`)
        .where('kind', '!=', 'call')
        .orderBy('id')
        .execute()
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['csr.created', 'csr.updated', 'key.read', 'csr.deleted'],
      )
    })

    for (const [Algorithm, KeySize, says] of [
      ['RSA', '3072', /3072 bit/],
      ['RSA', '4096', /4096 bit/],
      ['ECC', '256', /prime256v1/],
      ['ECC', '384', /secp384r1/],
    ] as const) {
      it(`are made of ${Algorithm} ${KeySize}, with a key that pairs`, async () => {
        const { Csr, CsrId } = await service().succeed('CreateCsr', { ...asked, Algorithm, KeySize })
        const shown = await runOpenssl(['req', '-in', '@csr', '-verify', '-noout', '-text'], { csr: String(Csr) })
        assert.match(shown, /verify OK/)
        assert.match(shown, says)
        const { PrivateKey } = await service().succeed('GetCsrDetail', { CsrId: String(CsrId) })
        const { publicKey } = parseCertificationRequest(decodeOnlyPem(String(Csr), 'CERTIFICATE REQUEST'))
        assert.equal(keySha2(String(PrivateKey)), createHash('sha256').update(publicKey.der).digest('hex'))
      })
    }

    it('lend their key to the certificate of an order, are refused for a second order, and may go', async () => {
      const { Csr, CsrId } = await service().succeed('CreateCsr', asked)
      const { PrivateKey } = await service().succeed('GetCsrDetail', { CsrId: String(CsrId) })
      const order = { ...applicant, Csr: String(Csr) }
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', order)
      const again = await service().call('CreateCertificateWithCsrRequest', order)
      assert.equal(outcomeOf(again), '400 ParamRepeat')
      const state = await certificateOf(service(), OrderId)
      assert.equal(state['PrivateKey'], PrivateKey)
      await service().succeed('DeleteCsr', { CsrId: String(CsrId) })
      const later = await service().succeed('DescribeCertificateState', { OrderId: String(OrderId) })
      assert.equal(later['PrivateKey'], PrivateKey)
    })

    it('of which no key is held leave the certificate without one', async () => {
      await service().succeed('UploadCsr', { Csr: handMade })
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', { ...applicant, Csr: handMade })
      const state = await certificateOf(service(), OrderId)
      assert.ok(!('PrivateKey' in state) || state['PrivateKey'] === '', 'a key out of nowhere')
    })

    it('lend no key to the order of another account', async () => {
      const { key: tenant } = await createTenantAccount(service(), 'who has a CSR')
      const shared = await makeKey('ec')
      const csr = await runOpenssl(['req', '-new', '-key', '@key', '-subj', '/CN=shared.example.com'], { key: shared })
      await service().succeed('UploadCsr', { Csr: csr, Key: shared }, { key: tenant })
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', { ...applicant, Csr: csr })
      const state = await certificateOf(service(), OrderId)
      assert.ok(!('PrivateKey' in state) || state['PrivateKey'] === '', "another account's key")
      const { TotalCount } = await service().succeed('ListCsr', { KeyWord: 'shared.example.com' })
      assert.equal(TotalCount, 0)
    })

    it('keep their key from who may not read keys, and say so; the key is sealed and in no log', async () => {
      const { CsrId } = await service().succeed('UploadCsr', { Csr: handMade, Key: key, Name: 'sealed' })
      const row = await keptKey(CsrId)
      assert.ok(row?.key_sealed instanceof Uint8Array)
      assert.ok(!Buffer.from(row.key_sealed).includes(Buffer.from(decodeOnlyPem(key, 'PRIVATE KEY').subarray(40, 80))))
      const reader = await createUserWithKey(service(), 'csr-reader')
      await grant(service(), 'csr-reader', [{ Effect: 'Allow', Action: 'yundun-cert:GetCsrDetail', Resource: '*' }])
      const withheld = await service().succeed('GetCsrDetail', { CsrId: String(CsrId) }, { key: reader })
      assert.deepEqual([withheld['PrivateKey'], withheld['PrivateKeyWithheld'], withheld['Csr']], [undefined, true, handMade])
      const Resource = `acs:yundun-cert:*:*:csr/${String(CsrId)}`
      await grant(service(), 'csr-reader', [{ Effect: 'Allow', Action: 'yundun-cert:GetPrivateKey', Resource }])
      const read = await service().succeed('GetCsrDetail', { CsrId: String(CsrId) }, { key: reader })
      assert.equal(keySha2(String(read['PrivateKey'])), keySha2(key))
      assert.equal(outcomeOf(await service().call('DeleteCsr', { CsrId: String(CsrId) }, { key: reader })), '403 NoPermission')
      const line = key.split('\n')[3] ?? assert.fail('the key is short')
      assert.ok(!service().logLines.join('').includes(line))
    })

    it('are at most 1,000 in an account, and listed by pages', async () => {
      const { key: tenant, accountId } = await createTenantAccount(service(), 'who has many CSRs')
      await service().succeed('UploadCsr', { Csr: handMade, Name: 'last' }, { key: tenant })
      const row = await service()
        .services.db.read.selectFrom('csrs')
        .selectAll()
        .where('account_id', '=', accountId)
        .executeTakeFirstOrThrow()
      const caller = { accountId, accessKeyId: tenant.accessKeyId, identity: { kind: 'account' } }
      const origin = { principal: 'a test', action: null, sourceIp: null, requestId: null }
      const { db } = service().services
      const fill = async (n: number) =>
        await db.write.storeCsr({
          caller,
          origin,
          eventId: await db.nextId('events'),
          now: 1,
          csr: { ...row, id: await db.nextId('csrs'), name: `filled-${n}`, created_at: 1, updated_at: 1 },
          source: 'uploaded',
          most: 1_000,
        })
      for (let n = 1; n < 1_000; n += 50) await Promise.all(Array.from({ length: Math.min(50, 1_000 - n) }, (_, i) => fill(n + i)))
      const beyond = await service().call('UploadCsr', { Csr: handMade }, { key: tenant })
      assert.equal(outcomeOf(beyond), '409 LimitExceeded.Csr')
      const first = await service().succeed('ListCsr', { ShowSize: '1' }, { key: tenant })
      const [latest] = first['CsrList'] as readonly { Name: string }[]
      assert.deepEqual([first['TotalCount'], latest?.Name], [1_000, 'last'])
      const page = await service().succeed('ListCsr', { ShowSize: '100', CurrentPage: '10' }, { key: tenant })
      assert.equal((page['CsrList'] as readonly unknown[]).length, 100)
    })

    const bad: readonly (readonly [string, string, () => Readonly<Record<string, string>>, string, string])[] = [
      ['CreateCsr', 'no algorithm', () => ({ Algorithm: '' }), '400 MissingAlgorithm', 'Algorithm'],
      ['CreateCsr', 'SM2', () => ({ Algorithm: 'SM2' }), '400 InvalidParameter', 'SM2 is not offered'],
      ['CreateCsr', 'another algorithm', () => ({ Algorithm: 'ED25519' }), '400 InvalidParameter', 'RSA or ECC'],
      ['CreateCsr', 'RSA of 1024 bits', () => ({ Algorithm: 'RSA', KeySize: '1024' }), '400 InvalidParameter', '2048, 3072 or 4096'],
      ['CreateCsr', 'ECC of 521 bits', () => ({ KeySize: '521' }), '400 InvalidParameter', '256 or 384'],
      ['CreateCsr', 'a size that is no number', () => ({ KeySize: 'big' }), '400 InvalidParameter', 'KeySize'],
      ['CreateCsr', 'a CN that is no name', () => ({ CommonName: 'my server' }), '400 InvalidParameter', '"CommonName"'],
      ['CreateCsr', 'an address as CN', () => ({ CommonName: '192.0.2.1' }), '400 InvalidParameter', '"CommonName"'],
      ['CreateCsr', 'a CN of 65 characters', () => ({ CommonName: `${'a'.repeat(53)}.example.com` }), '400 InvalidParameter', '64'],
      ['CreateCsr', 'an empty name between commas', () => ({ Sans: 'a.example.com,,b.example.com' }), '400 InvalidParameter', '"Sans"'],
      ['CreateCsr', 'a wrong further name', () => ({ Sans: 'a_b.example.com' }), '400 InvalidParameter', '"Sans"'],
      ['CreateCsr', 'a country that is none', () => ({ CountryCode: 'XX' }), '400 InvalidParameter', 'CountryCode'],
      ['CreateCsr', 'a province of blanks', () => ({ Province: '  ' }), '400 InvalidParameter', 'Province'],
      ['CreateCsr', 'no locality', () => ({ Locality: '' }), '400 MissingLocality', 'Locality'],
      ['CreateCsr', 'a company of 65 characters', () => ({ CorpName: 'x'.repeat(65) }), '400 InvalidParameter', 'CorpName'],
      ['CreateCsr', 'a line break in the department', () => ({ Department: 'a\nb' }), '400 InvalidParameter', 'Department'],
      ['CreateCsr', 'a name of 51 characters', () => ({ Name: 'x'.repeat(51) }), '400 InvalidParameter', '"Name"'],
      ['CreateCsr', 'a name with a blank', () => ({ Name: 'a b' }), '400 InvalidParameter', '"Name"'],
      ['UploadCsr', 'no CSR', () => ({ Csr: '' }), '400 MissingCsr', 'Csr'],
      ['UploadCsr', 'what is no CSR', () => ({ Csr: key }), '400 InvalidParameter', '"Csr"'],
      ['UploadCsr', 'a CSR without a CN', () => ({ Csr: withoutName }), '400 InvalidParameter', 'CN'],
      ['UploadCsr', 'the key of another', () => ({ Key: otherKey }), '400 NotMatch.CsrAndPrivateKey', 'Key'],
      ['UploadCsr', 'what is no key', () => ({ Key: handMade }), '400 PrivateKeyFormatException', 'Key'],
      ['UploadCsr', 'a name with a slash', () => ({ Name: 'a/b' }), '400 InvalidParameter', '"Name"'],
      ['ListCsr', 'an algorithm that is none', () => ({ Algorithm: 'rsa' }), '400 InvalidParameter', 'Algorithm'],
      ['ListCsr', 'a page of 101', () => ({ ShowSize: '101' }), '400 InvalidParameter', 'ShowSize'],
      ['GetCsrDetail', 'no id', () => ({}), '400 MissingCsrId', 'CsrId'],
      ['GetCsrDetail', 'an id of nothing', () => ({ CsrId: '1' }), '400 NotFound', 'CSR'],
      ['UpdateCsr', 'no key', () => ({ CsrId: '1' }), '400 MissingKey', 'Key'],
      ['UpdateCsr', 'an id of nothing', () => ({ CsrId: '1', Key: key }), '400 NotFound', 'CSR'],
      ['DeleteCsr', 'an id that is no number', () => ({ CsrId: 'x' }), '400 InvalidParameter', 'CsrId'],
      ['DeleteCsr', 'an id of nothing', () => ({ CsrId: '1' }), '400 NotFound', 'CSR'],
    ]
    for (const [action, title, change, outcome, says] of bad) {
      it(`${action} refuses ${title} with ${outcome}, and stores nothing`, async () => {
        const stored = await countContent(service())
        const good: Readonly<Record<string, string>> = action === 'CreateCsr' ? asked : action === 'UploadCsr' ? { Csr: handMade } : {}
        const answer = await service().call(action, { ...good, ...change() })
        assert.equal(outcomeOf(answer), outcome, answer.text)
        assert.ok(String(answer.body['Message']).includes(says), answer.text)
        assert.deepEqual(await countContent(service()), stored)
      })
    }
  },
  { ports },
)

describeService(
  'a stored CSR for a product that forbids keys in custody',
  (service) => {
    it('lends its key to no certificate', async () => {
      await service().succeed('PurchasePackage', { ProductCode: 'own-dv-1', Count: '1' }, extension)
      const { Csr } = await service().succeed('CreateCsr', asked)
      const { OrderId } = await service().succeed('CreateCertificateWithCsrRequest', {
        ...applicant,
        ProductCode: 'own-dv-1',
        Csr: String(Csr),
      })
      const state = await certificateOf(service(), OrderId)
      assert.ok(!('PrivateKey' in state) || state['PrivateKey'] === '', 'a key in custody')
    })
  },
  { ports, env: { CHANCERY_PRODUCTS_FILE: `${import.meta.dirname}/../orders/product-without-custody.json` } },
)
