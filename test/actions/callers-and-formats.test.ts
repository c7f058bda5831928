import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { actions } from '../../src/actions/index.ts'
import { application, describeService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { addAccount, countStored } from '../support/stored.ts'

const stranger = { accessKeyId: 'stranger', secret: 'the-secret-of-the-stranger' }

describeService('callers and formats', (service) => {
  let order = ''
  before(async () => {
    await addAccount(service(), 1_234_567_890_123_456, stranger)
    order = String((await service().succeed('CreateCertificateRequest', application))['OrderId'])
  })

  for (const [action, options] of [
    ['DescribeCertificateState', {}],
    ['CheckValidation', extension],
  ] as const) {
    it(`${action}: another account's order is answered exactly as one that does not exist`, async () => {
      await service().succeed(action, { OrderId: order }, options)
      const foreign = await service().call(action, { OrderId: order }, { ...options, key: stranger })
      const unknown = await service().call(action, { OrderId: '987654321' }, { ...options, key: stranger })
      assert.equal(foreign.status, unknown.status)
      const { RequestId: _a, Recommend: _b, ...seen } = foreign.body
      const { RequestId: _c, Recommend: _d, ...expected } = unknown.body
      assert.deepEqual(seen, expected)
      assert.equal(seen['Code'], 'NotFoundOrder')
    })
  }

  it('another account has plans of its own: none, until it buys one', async () => {
    assert.equal((await service().succeed('DescribePackageState', {}, { key: stranger }))['TotalCount'], 0)
    const refused = await service().call('CreateCertificateRequest', application, { key: stranger })
    assert.deepEqual({ status: refused.status, code: refused.body['Code'] }, { status: 404, code: 'NotFoundPackage' })
    const before = await service().succeed('DescribePackageState', {})
    await service().succeed('PurchasePackage', { ProductCode: application.ProductCode, Count: '2' }, { ...extension, key: stranger })
    await service().succeed('CreateCertificateRequest', application, { key: stranger })
    assert.equal((await service().succeed('DescribePackageState', {}, { key: stranger }))['UsedCount'], 1)
    const { RequestId: _a, ...ours } = await service().succeed('DescribePackageState', {})
    const { RequestId: _b, ...oursBefore } = before
    assert.deepEqual(ours, oursBefore)
  })

  it('two accounts may use the same ClientToken, each for its own order', async () => {
    const given = { ...application, ClientToken: 'of-two-accounts' }
    const ours = await service().succeed('CreateCertificateRequest', given)
    const theirs = await service().succeed('CreateCertificateRequest', given, { key: stranger })
    assert.notEqual(ours['OrderId'], theirs['OrderId'])
  })

  it("ResourceOwnerAccount may name the caller's account and no other", async () => {
    await service().succeed('DescribePackageState', { ResourceOwnerAccount: String(service().accountId) })
    await service().succeed('DescribePackageState', { ResourceOwnerAccount: '' })
    const stored = await countStored(service())
    const refused = await service().call('CreateCertificateRequest', { ...application, ResourceOwnerAccount: '1234567890123456' })
    assert.deepEqual({ status: refused.status, code: refused.body['Code'] }, { status: 403, code: 'NoPermission' })
    assert.match(String(refused.body['Message']), /ResourceOwnerAccount/)
    assert.deepEqual({ ...(await countStored(service())), validation_attempts: 0 }, { ...stored, validation_attempts: 0 })
  })

  it('original actions ignore parameters that they do not know, as clients of other versions send them', async () => {
    const more = { RegionId: 'cn-hangzhou', SourceIp: '192.0.2.1', Lang: 'zh', 'CertificateTag.1.Key': 'k', CompanyName: 'A Company' }
    await service().succeed('CreateCertificateRequest', { ...application, ...more })
    await service().succeed('DescribePackageState', more)
    await service().succeed('DescribeCertificateState', { OrderId: order, ...more })
  })

  it('our own actions take RegionId, which clients always send, and refuse what they do not know', async () => {
    await service().succeed('CheckValidation', { OrderId: order, RegionId: 'cn-hangzhou' }, extension)
    const refused = await service().call('CheckValidation', { OrderId: order, Lang: 'zh' }, extension)
    assert.deepEqual({ status: refused.status, code: refused.body['Code'] }, { status: 400, code: 'InvalidParameter' })
    assert.match(String(refused.body['Message']), /"Lang"/)
  })

  it('parameter names count in their letters: productcode is not ProductCode', async () => {
    assert.equal((await service().succeed('DescribePackageState', { productcode: 'x' }))['ProductCode'], 'digicert-free-1-free')
    const refused = await service().call('CreateCertificateRequest', { ...application, Domain: '', domain: 'www.example.com' })
    assert.equal(refused.body['Code'], 'MissingDomain')
  })

  for (const [title, action, version, status, code] of [
    ['an action that does not exist', 'NoSuchAction', '2020-04-07', 404, 'InvalidAction.NotFound'],
    ['an action in other letters', 'describepackagestate', '2020-04-07', 404, 'InvalidAction.NotFound'],
    ['an extension under the version of the original', 'PurchasePackage', '2020-04-07', 404, 'InvalidAction.NotFound'],
    ['an original action under our own version', 'DescribePackageState', '2026-12-01', 404, 'InvalidAction.NotFound'],
    ['the clock of the emulator in a real service', 'MoveClock', '2026-12-01', 404, 'InvalidAction.NotFound'],
    ['a version that does not exist', 'DescribePackageState', '2018-07-13', 400, 'InvalidVersion'],
  ] as const) {
    it(`${title} is answered ${code}`, async () => {
      const { status: seen, body } = await service().call(action, {}, { version })
      assert.deepEqual({ status: seen, code: body['Code'] }, { status, code })
    })
  }

  it('Format=XML gives successes and refusals in XML, with the same fields', async () => {
    const good = await service().call('DescribePackageState', { Format: 'XML' })
    assert.match(String(good.headers['content-type']), /^text\/xml/)
    assert.match(
      good.text,
      /^<\?xml version='1.0' encoding='UTF-8'\?><DescribePackageStateResponse><RequestId>[0-9A-F-]{36}<\/RequestId><ProductCode>digicert-free-1-free<\/ProductCode><TotalCount>20<\/TotalCount><UsedCount>\d+<\/UsedCount><IssuedCount>0<\/IssuedCount><\/DescribePackageStateResponse>$/,
    )
    const state = await service().call('DescribeCertificateState', { OrderId: order, Format: 'XML' })
    assert.match(
      state.text,
      /<Type>domain_verify<\/Type><ValidateType>DNS<\/ValidateType><RecordDomain>_dnsauth.www.example.com<\/RecordDomain>/,
    )
    const bad = await service().call('CreateCertificateRequest', { ...application, Domain: '<&>', Format: 'XML' })
    assert.equal(bad.status, 400)
    assert.match(bad.text, /<Error><RequestId>[0-9A-F-]{36}<\/RequestId><HostId>[^<]+<\/HostId><Code>InvalidParameter<\/Code><Message>/)
  })

  it('Format=YAML is refused', async () => {
    const { status, body } = await service().call('DescribePackageState', { Format: 'YAML' })
    assert.deepEqual({ status, code: body['Code'] }, { status: 400, code: 'InvalidParameter.Format' })
  })

  it('an error has exactly the five fields that clients of the original read', async () => {
    const { body } = await service().call('DescribeCertificateState', {})
    assert.deepEqual(Object.keys(body), ['RequestId', 'HostId', 'Code', 'Message', 'Recommend'])
  })

  it('a wrong secret of a key that exists is told by the signature', async () => {
    const { status, body } = await service().call('DescribePackageState', {}, { key: { ...stranger, secret: 'not-its-secret-at-all' } })
    assert.deepEqual({ status, code: body['Code'] }, { status: 400, code: 'SignatureDoesNotMatch' })
  })

  it('every action says its RAM action and its access level as the reference has them', () => {
    const levels = Object.fromEntries(actions.map(({ name, access }) => [name, access]))
    assert.equal(levels['CreateCertificateRequest'], 'create')
    assert.equal(levels['DescribeCertificateState'], 'get')
    assert.equal(levels['DescribePackageState'], 'get')
    const services = {
      '2020-04-07': /^yundun-cert:/,
      '2015-05-01': /^ram:/,
      '2015-04-01': /^sts:/,
      '2019-08-15': /^ram:/,
      '2026-12-01': /^(yundun-cert|ram|chancery):/,
    }
    for (const { name, version, ramAction } of actions) {
      assert.match(ramAction, services[version as keyof typeof services])
      assert.equal(ramAction.slice(ramAction.indexOf(':') + 1), name)
    }
  })
})
