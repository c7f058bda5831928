import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, it } from 'node:test'
import Cas from '@alicloud/cas20200407'
import core, { $OpenApiUtil } from '@alicloud/openapi-core'
import { RuntimeOptions } from '@darabonba/typescript'
import OpenApi from '@alicloud/openapi-client'
import CasOne from 'cas-1'
import { makeAuthority, type TestAuthority, type TestPair } from '../../certificates/make-certificates.ts'
import { codeOf } from '../../support/ram-client.ts'
import { application, describeService, type TestService, until } from '../../support/service.ts'
import { extension, rootKey } from '../../support/signed-call.ts'
import { countStored } from '../../support/stored.ts'
import { createUserWithKey, grant, outcomeOf } from '../../support/tenants.ts'

let authority: TestAuthority
let leaf: TestPair
let sign: TestPair
let encrypt: TestPair

before(async () => {
  authority = await makeAuthority('A CA', 'rsa')
  leaf = await authority.issue({
    cn: 'www.example.com',
    names: ['www.example.com', '*.example.com'],
    kind: 'rsa',
    organization: 'Example Ltd',
  })
  const sm2 = await makeAuthority('An SM2 CA', 'sm2')
  sign = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2', extensions: ['keyUsage=digitalSignature'] })
  encrypt = await sm2.issue({ cn: 'sm2.example.com', kind: 'sm2', extensions: ['keyUsage=keyEncipherment'] })
})

const { accessKeyId, secret: accessKeySecret } = rootKey
const hostOf = (service: TestService) => new URL(service.addresses.http ?? '').host

/** `@alicloud/cas20200407` 3.0.0, as it is on npm. */
function newestClient(service: TestService): Cas.default {
  return new Cas.default(new $OpenApiUtil.Config({ accessKeyId, accessKeySecret, endpoint: hostOf(service), protocol: 'http' }))
}

/** `@alicloud/cas20200407` 1.3.0, as it is on npm. */
function firstClient(service: TestService): CasOne.default {
  return new CasOne.default(new OpenApi.Config({ accessKeyId, accessKeySecret, endpoint: hostOf(service), protocol: 'http' }))
}

let uploads = 0

async function upload(
  service: TestService,
  change: Readonly<Record<string, string>> = {},
): Promise<{ CertId: string; ResourceId: string }> {
  const answer = await service.succeed('UploadUserCertificate', {
    Name: `of a test ${++uploads}`,
    Cert: leaf.cert,
    Key: leaf.key,
    ...change,
  })
  return { CertId: String(answer['CertId']), ResourceId: String(answer['ResourceId']) }
}

async function issue(service: TestService): Promise<{ OrderId: string; CertId: string }> {
  const { OrderId } = await service.succeed('CreateCertificateRequest', { ...application, KeyAlgorithm: 'ECC_256' })
  const CertId = await until('the certificate', async () => {
    const state = await service.succeed('DescribeCertificateState', { OrderId: String(OrderId) })
    return state['Type'] === 'certificate' ? String(state['CertId']) : undefined
  })
  return { OrderId: String(OrderId), CertId }
}

const proven = { proven: true, message: 'The record is there.', evidence: { method: 'DNS', queries: [] } } as const
const ports = () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } })

describeService(
  'uploaded certificates',
  (service) => {
    it('go up, are read and go by the official client 3.0.0', async () => {
      const client = newestClient(service())
      const uploaded = await client.uploadUserCertificate(
        new Cas.UploadUserCertificateRequest({
          name: 'by-3.0.0',
          cert: leaf.cert + authority.cert,
          key: leaf.key,
          resourceGroupId: 'rg-aekzexample',
          tags: [new Cas.UploadUserCertificateRequestTags({ key: 'team', value: 'web' })],
        }),
      )
      const certId = uploaded.body?.certId ?? assert.fail('no CertId')
      assert.equal(uploaded.body?.resourceId, `cas-upload-${certId}`)

      const { body: detail } = await client.getUserCertificateDetail(new Cas.GetUserCertificateDetailRequest({ certId }))
      assert.ok(detail !== undefined)
      const seen = new X509Certificate(leaf.cert)
      const { requestId, certChain, ...fields } = Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined))
      assert.match(String(requestId), /^[0-9A-F-]{36}$/)
      assert.deepEqual(fields, {
        algorithm: 'RSA',
        buyInAliyun: false,
        cert: leaf.cert + authority.cert,
        certIdentifier: `${certId}-cn-hangzhou`,
        city: 'Hangzhou',
        common: 'www.example.com',
        country: 'CN',
        endDate: new Date(seen.validTo).toISOString().slice(0, 10),
        expired: false,
        fingerprint: seen.fingerprint.replaceAll(':', ''),
        id: certId,
        instanceId: `cas-upload-${certId}`,
        issuer: 'A CA',
        key: leaf.key,
        name: 'by-3.0.0',
        notAfter: Date.parse(seen.validTo),
        notBefore: Date.parse(seen.validFrom),
        orgName: 'Example Ltd',
        province: 'Zhejiang',
        resourceGroupId: 'rg-aekzexample',
        sans: 'www.example.com,*.example.com',
        serialNo: seen.serialNumber.toLowerCase(),
        sha2: seen.fingerprint256.replaceAll(':', ''),
        startDate: new Date(seen.validFrom).toISOString().slice(0, 10),
      })
      assert.deepEqual(
        detail.certChain?.map(({ commonName, issuerCommonName, remainDay }) => [commonName, issuerCommonName, remainDay]),
        [
          ['www.example.com', 'A CA', 59],
          ['A CA', 'A CA', 59],
        ],
      )
      assert.ok(Array.isArray(certChain))

      const filtered = await client.getUserCertificateDetail(new Cas.GetUserCertificateDetailRequest({ certId, certFilter: true }))
      assert.deepEqual([filtered.body?.cert, filtered.body?.key, filtered.body?.name], [undefined, undefined, 'by-3.0.0'])

      const deleted = await client.deleteUserCertificate(new Cas.DeleteUserCertificateRequest({ certId }))
      assert.match(deleted.body?.requestId ?? '', /^[0-9A-F-]{36}$/)
      const gone = client.getUserCertificateDetail(new Cas.GetUserCertificateDetailRequest({ certId }))
      assert.equal(await codeOf(gone), '400 NotFound')
      assert.equal(await codeOf(client.deleteUserCertificate(new Cas.DeleteUserCertificateRequest({ certId }))), '400 NotFound')
    })

    it('go up, are read and go by the official client 1.3.0, an SM2 pair too', async () => {
      const client = firstClient(service())
      const uploaded = await client.uploadUserCertificate(
        new CasOne.UploadUserCertificateRequest({
          name: 'by-1.3.0',
          signCert: sign.cert,
          signPrivateKey: sign.key,
          encryptCert: encrypt.cert,
          encryptPrivateKey: encrypt.key,
        }),
      )
      const certId = uploaded.body?.certId ?? assert.fail('no CertId')
      const { body } = await client.getUserCertificateDetail(new CasOne.GetUserCertificateDetailRequest({ certId }))
      assert.deepEqual(
        [body?.signCert, body?.signPrivateKey, body?.encryptCert, body?.encryptPrivateKey, body?.cert, body?.key, body?.algorithm],
        [sign.cert, sign.key, encrypt.cert, encrypt.key, undefined, undefined, 'SM2'],
      )
      const again = client.uploadUserCertificate(
        new CasOne.UploadUserCertificateRequest({ name: 'by-1.3.0', cert: leaf.cert, key: leaf.key }),
      )
      await assert.rejects(again, { code: 'NameRepeat' })
      await client.deleteUserCertificate(new CasOne.DeleteUserCertificateRequest({ certId }))
    })

    it('take what the official clients have no model for through their generic call', async () => {
      const config = new $OpenApiUtil.Config({ accessKeyId, accessKeySecret, endpoint: hostOf(service()), protocol: 'http' })
      const generic = async (action: string, query: Record<string, string>) => {
        const params = new $OpenApiUtil.Params({
          action,
          version: '2020-04-07',
          protocol: 'HTTP',
          pathname: '/',
          method: 'POST',
          authType: 'AK',
          style: 'RPC',
          reqBodyType: 'formData',
          bodyType: 'json',
        })
        const { body } = await new core.default(config).callApi(params, new $OpenApiUtil.OpenApiRequest({ query }), new RuntimeOptions({}))
        return Object(body) as Record<string, unknown>
      }
      const upload = { Name: 'generic', Cert: leaf.cert, Key: leaf.key, ClientToken: 'generic-token' }
      const { CertId } = await generic('UploadUserCertificate', upload)
      assert.equal((await generic('UploadUserCertificate', upload))['CertId'], CertId)
      const detail = await generic('GetCertificateDetail', { CertificateId: String(CertId) })
      assert.deepEqual([detail['CertificateId'], detail['CertificateSource']], [CertId, 'UPLOAD'])
      await generic('DeleteUserCertificate', { CertId: String(CertId), ClientToken: 'generic-token' })
      await generic('DeleteUserCertificate', { CertId: String(CertId), ClientToken: 'generic-token' })
    })

    it('show their tags as TagKey and TagValue, and both fingerprints', async () => {
      const { CertId, ResourceId } = await upload(service(), { 'Tags.1.Key': 'team', 'Tags.1.Value': 'web', 'Tags.2.Key': 'empty' })
      const detail = await service().succeed('GetUserCertificateDetail', { CertId })
      assert.deepEqual(detail['Tags'], [
        { TagKey: 'empty', TagValue: '' },
        { TagKey: 'team', TagValue: 'web' },
      ])
      assert.equal(detail['Sha2'], detail['CertSha2'])
      assert.equal(detail['ResourceId'], ResourceId)
      assert.ok(!('OrderId' in detail) && !('PrivateKeyWithheld' in detail))
      const byResource = await service().succeed('GetUserCertificateDetail', { ResourceId, CertFilter: 'True' })
      assert.equal(byResource['Id'], Number(CertId))
      assert.ok(!('Cert' in byResource) && !('Key' in byResource))
    })

    it('are given again for a ClientToken; the original refuses with NameRepeat', async () => {
      const parameters = { Name: 'tokened', Cert: leaf.cert, Key: leaf.key, ClientToken: 'a-token' }
      const first = await service().succeed('UploadUserCertificate', parameters)
      const second = await service().succeed('UploadUserCertificate', { ...parameters, Cert: leaf.cert.replaceAll('\n', ' ') })
      assert.equal(second['CertId'], first['CertId'])
      assert.equal(outcomeOf(await service().call('UploadUserCertificate', { ...parameters, ClientToken: '' })), '400 NameRepeat')
      const other = await service().call('UploadUserCertificate', { ...parameters, Name: 'other' })
      assert.equal(outcomeOf(other), '400 IdempotentParameterMismatch')
    })

    it('have a detail without PEM and key', async () => {
      const { CertId, ResourceId } = await upload(service(), { Name: 'in short', Cert: leaf.cert + authority.cert })
      const {
        RequestId: _,
        CertificateChainList,
        NotBefore,
        NotAfter,
        ...fields
      } = await service().succeed('GetCertificateDetail', {
        CertificateId: CertId,
      })
      const seen = new X509Certificate(leaf.cert)
      assert.deepEqual(fields, {
        CertificateId: Number(CertId),
        CertificateName: 'in short',
        CertIdentifier: `${CertId}-cn-hangzhou`,
        InstanceId: ResourceId,
        ResourceId,
        CertificateSource: 'UPLOAD',
        CertificateStatus: 'issued',
        CommonName: 'www.example.com',
        Domain: 'www.example.com,*.example.com',
        SubjectAlternativeNames: ['www.example.com', '*.example.com'],
        Issuer: 'A CA',
        Serial: seen.serialNumber.toLowerCase(),
        FingerPrint: seen.fingerprint.replaceAll(':', ''),
        Algorithm: 'RSA',
        KeySize: 2048,
        ExistPrivateKey: true,
        UsingProductList: [],
        Tags: [],
      })
      assert.deepEqual([NotBefore, NotAfter], [Date.parse(seen.validFrom), Date.parse(seen.validTo)])
      const [first] = CertificateChainList as readonly Record<string, unknown>[]
      assert.deepEqual(first, { Subject: 'www.example.com', Issuer: 'A CA', NotBefore, NotAfter, RemainDay: 59 })
    })

    it('are not seen by another account, and issued ones are read by the same operations', async () => {
      const { OrderId, CertId } = await issue(service())
      const detail = await service().succeed('GetUserCertificateDetail', { CertId })
      assert.deepEqual(
        [detail['BuyInAliyun'], detail['OrderId'], detail['CertIdentifier'], detail['Name']],
        [true, Number(OrderId), `${CertId}-cn-hangzhou`, `cert-${CertId}`],
      )
      const state = await service().succeed('DescribeCertificateState', { OrderId })
      assert.deepEqual([detail['Cert'], detail['Key']], [state['Certificate'], state['PrivateKey']])
      const short = await service().succeed('GetCertificateDetail', { CertificateId: CertId })
      assert.deepEqual([short['CertificateSource'], short['CertificateStatus'], short['Algorithm']], ['TEST', 'issued', 'ECC'])

      assert.equal(outcomeOf(await service().call('DeleteUserCertificate', { CertId })), '403 DeleteFail')
      await service().succeed('CancelCertificateForPackageRequest', { OrderId })
      assert.equal((await service().succeed('GetCertificateDetail', { CertificateId: CertId }))['CertificateStatus'], 'revoked')
      // It can no longer be downloaded, and nobody reads its key any more.
      for (const FileFormat of ['pem', 'nginx']) {
        assert.equal(outcomeOf(await service().call('DownloadCertificate', { CertId, FileFormat }, extension)), '403 OrderStateError')
      }
      const revoked = [
        await service().succeed('GetUserCertificateDetail', { CertId }),
        await service().succeed('DescribeCertificateState', { OrderId }),
      ]
      for (const { Key, PrivateKey, PrivateKeyWithheld } of revoked) {
        assert.deepEqual([Key, PrivateKey, PrivateKeyWithheld], [undefined, undefined, true])
      }
      assert.deepEqual([revoked[0]?.['Cert'], revoked[1]?.['Certificate']], [state['Certificate'], state['Certificate']])
      await service().succeed('DeleteUserCertificate', { CertId })
      assert.equal(outcomeOf(await service().call('GetUserCertificateDetail', { CertId })), '400 NotFound')
      assert.equal(outcomeOf(await service().call('GetCertificateDetail', { CertificateId: CertId })), '400 NotFound')
    })

    it('keep their key from who may not read keys, and say so; with the permission for one of them it is there', async () => {
      const one = await upload(service())
      const two = await upload(service())
      const key = await createUserWithKey(service(), 'reader')
      await grant(service(), 'reader', [
        { Effect: 'Allow', Action: 'yundun-cert:GetUserCertificateDetail', Resource: '*' },
        { Effect: 'Allow', Action: 'yundun-cert:GetPrivateKey', Resource: `acs:yundun-cert:*:*:certificate/${one.CertId}` },
      ])
      const read = await service().succeed('GetUserCertificateDetail', { CertId: one.CertId }, { key })
      assert.deepEqual([read['Key'], read['PrivateKeyWithheld']], [leaf.key, undefined])
      const withheld = await service().succeed('GetUserCertificateDetail', { CertId: two.CertId }, { key })
      assert.deepEqual([withheld['Key'], withheld['PrivateKeyWithheld'], withheld['Cert']], [undefined, true, leaf.cert])
      const byResource = await service().succeed('GetUserCertificateDetail', { ResourceId: two.ResourceId }, { key })
      assert.deepEqual([byResource['Key'], byResource['PrivateKeyWithheld']], [undefined, true])
    })

    it('are named in permissions, and a ResourceId is no way around a refusal', async () => {
      const one = await upload(service())
      const two = await upload(service())
      const key = await createUserWithKey(service(), 'narrow')
      const detail = async (parameters: Readonly<Record<string, string>>) =>
        outcomeOf(await service().call('GetUserCertificateDetail', parameters, { key }))
      const resource = (id: string) => `acs:yundun-cert:*:*:certificate/${id}`
      const Action = ['yundun-cert:GetUserCertificateDetail', 'yundun-cert:DeleteUserCertificate']
      await grant(service(), 'narrow', [{ Effect: 'Allow', Action, Resource: [resource(one.CertId), resource(one.ResourceId)] }])
      assert.deepEqual(
        [await detail({ CertId: one.CertId }), await detail({ ResourceId: one.ResourceId }), await detail({ CertId: two.CertId })],
        ['OK', 'OK', '403 NoPermission'],
      )
      await grant(service(), 'narrow', [{ Effect: 'Allow', Action, Resource: resource('cas-upload-*') }])
      assert.equal(await detail({ ResourceId: two.ResourceId }), '403 NoPermission')
      assert.equal(outcomeOf(await service().call('DeleteUserCertificate', { CertId: two.CertId }, { key })), '403 NoPermission')
      assert.equal(outcomeOf(await service().call('DeleteUserCertificate', { CertId: one.CertId }, { key })), 'OK')
    })

    it('need the tags that a policy asks for', async () => {
      const key = await createUserWithKey(service(), 'uploader')
      const Condition = { StringEquals: { 'acs:RequestTag/team': 'web' } }
      await grant(service(), 'uploader', [{ Effect: 'Allow', Action: 'yundun-cert:UploadUserCertificate', Resource: '*', Condition }])
      const parameters = { Name: 'tagged', Cert: leaf.cert, Key: leaf.key }
      assert.equal(outcomeOf(await service().call('UploadUserCertificate', parameters, { key })), '403 NoPermission')
      const tagged = { ...parameters, 'Tags.1.Key': 'team', 'Tags.1.Value': 'web' }
      assert.equal(outcomeOf(await service().call('UploadUserCertificate', tagged, { key })), 'OK')
    })

    const bad: readonly (readonly [string, string, () => Readonly<Record<string, string>>, string, string])[] = [
      ['UploadUserCertificate', 'no name', () => ({ Name: '' }), '400 MissingName', 'Name'],
      ['UploadUserCertificate', 'a name of 64 characters', () => ({ Name: 'x'.repeat(64) }), '400 InvalidParameter', '"Name"'],
      ['UploadUserCertificate', 'a name with a line break', () => ({ Name: 'a\nb' }), '400 InvalidParameter', '"Name"'],
      ['UploadUserCertificate', 'the name of an issued certificate', () => ({ Name: 'cert-10000001' }), '400 InvalidParameter', '"Name"'],
      ['UploadUserCertificate', 'no certificate', () => ({ Cert: '' }), '400 MissingCert', 'Cert'],
      ['UploadUserCertificate', 'no key', () => ({ Key: '' }), '400 MissingKey', 'Key'],
      [
        'UploadUserCertificate',
        'half an SM2 pair',
        () => ({ Cert: '', Key: '', SignCert: sign.cert }),
        '400 MissingSignPrivateKey',
        'Sign',
      ],
      ['UploadUserCertificate', 'a certificate that is none', () => ({ Cert: 'x' }), '400 CertificateFormatException', 'Cert'],
      ['UploadUserCertificate', 'a key that is none', () => ({ Key: 'x' }), '400 PrivateKeyFormatException', 'Key'],
      ['UploadUserCertificate', 'the key of another', () => ({ Key: sign.key }), '400 NotMatch.CertificateAndPrivateKey', 'Key'],
      [
        'UploadUserCertificate',
        'the issuer first',
        () => ({ Cert: authority.cert + leaf.cert }),
        '400 NotMatch.CertificateAndPrivateKey',
        'first',
      ],
      ['UploadUserCertificate', 'a wrong chain', () => ({ Cert: leaf.cert + sign.cert }), '400 CertificateChainNotMatch', 'Certificate 1'],
      ['UploadUserCertificate', 'a wrong resource group', () => ({ ResourceGroupId: 'group' }), '400 InvalidParameter', 'ResourceGroupId'],
      ['UploadUserCertificate', 'a reserved tag', () => ({ 'Tags.1.Key': 'acs:x' }), '400 InvalidParameter', 'Tags.1.Key'],
      ['UploadUserCertificate', 'a tag without a key', () => ({ 'Tags.1.Value': 'x' }), '400 MissingTags.1.Key', 'Tags.1.Key'],
      ['UploadUserCertificate', 'a token too long', () => ({ ClientToken: 'x'.repeat(65) }), '400 InvalidParameter', 'ClientToken'],
      ['GetUserCertificateDetail', 'no id', () => ({}), '400 MissingCertId', 'CertId'],
      ['GetUserCertificateDetail', 'an id that is no number', () => ({ CertId: 'x' }), '400 InvalidParameter', 'CertId'],
      ['GetUserCertificateDetail', 'an id of nothing', () => ({ CertId: '1' }), '400 NotFound', 'does not exist'],
      ['GetUserCertificateDetail', 'a ResourceId of nothing', () => ({ ResourceId: 'cas-cert-1' }), '400 NotFound', 'does not exist'],
      ['GetUserCertificateDetail', 'another text as ResourceId', () => ({ ResourceId: 'rg-1' }), '400 InvalidParameter', 'ResourceId'],
      ['GetUserCertificateDetail', 'both ids', () => ({ CertId: '1', ResourceId: 'cas-cert-1' }), '400 InvalidParameter', 'ResourceId'],
      [
        'GetUserCertificateDetail',
        'a filter that is no flag',
        () => ({ CertId: '1', CertFilter: 'yes' }),
        '400 InvalidParameter',
        'CertFilter',
      ],
      ['GetCertificateDetail', 'no id', () => ({}), '400 MissingCertificateId', 'CertificateId'],
      ['GetCertificateDetail', 'an id of nothing', () => ({ CertificateId: '1' }), '400 NotFound', 'does not exist'],
      ['DeleteUserCertificate', 'no id', () => ({}), '400 MissingCertId', 'CertId'],
      ['DeleteUserCertificate', 'an id of zero', () => ({ CertId: '0' }), '400 InvalidParameter', 'CertId'],
      ['DeleteUserCertificate', 'an id of nothing', () => ({ CertId: '1' }), '400 NotFound', 'does not exist'],
    ]
    for (const [action, title, change, outcome, says] of bad) {
      it(`${action} refuses ${title} with ${outcome}, and stores nothing`, async () => {
        const stored = await countStored(service())
        const good = action === 'UploadUserCertificate' ? { Name: 'good', Cert: leaf.cert, Key: leaf.key } : {}
        const answer = await service().call(action, { ...good, ...change() })
        assert.equal(outcomeOf(answer), outcome, answer.text)
        assert.ok(String(answer.body['Message']).includes(says), answer.text)
        assert.ok(!answer.text.includes(leaf.key.split('\n')[1] ?? 'no key'), 'the answer holds the key')
        assert.deepEqual(await countStored(service()), stored)
      })
    }

    it('are in no log line', async () => {
      await upload(service())
      const line = leaf.key.split('\n')[3] ?? assert.fail('the key is short')
      assert.ok(!service().logLines.join('').includes(line))
    })
  },
  { ports },
)
