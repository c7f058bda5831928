import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AcmeCaller } from '../../../src/orders/acme/acme-caller.ts'
import { placeAcmeOrder } from '../../../src/orders/acme/place-acme-order.ts'
import { callerOfEabKey } from '../../../src/ram/eab/eab-key.ts'
import { contextOf } from '../../support/context.ts'
import { plantAcmeAccount } from '../../support/plant-acme-account.ts'
import { describeService, type TestService } from '../../support/service.ts'
import { extension } from '../../support/signed-call.ts'
import { createUserWithKey, grant } from '../../support/tenants.ts'

/** An ACME account that is bound to a new key. */
async function bind(service: TestService, parameters: Readonly<Record<string, string>>): Promise<AcmeCaller & { eabKeyId: string }> {
  const { KeyId } = await service.succeed('CreateEabKey', { Name: 'of an order', ...parameters }, extension)
  const eabKeyId = String(KeyId)
  const acmeAccountId = await plantAcmeAccount(service, { accountId: service.accountId, eabKeyId })
  const caller = callerOfEabKey(await service.services.eabKeys.load(eabKeyId), acmeAccountId)
  return { acmeAccountId, thumbprint: 'a-thumbprint', eabKeyId, context: contextOf(caller, { action: 'AcmeNewOrder' }) }
}

const order = (service: TestService, caller: AcmeCaller, names: readonly string[], more: object = {}) =>
  placeAcmeOrder(service.services, caller, { identifiers: names.map((value) => ({ type: 'dns', value })), ...more })

async function unitsOf(service: TestService, KeyId: string): Promise<unknown> {
  return (await service.succeed('GetEabKey', { KeyId }, extension))['UnitsUsed']
}

describeService('an order by an external account key', (service) => {
  it('takes the key’s default product and tags, and counts against its units', async () => {
    await service().succeed('PurchasePackage', { ProductCode: 'chancery-private-short', Count: '5' }, extension)
    const caller = await bind(service(), {
      'Products.1': 'chancery-private-short',
      'Products.2': 'chancery-private-mix',
      'Tags.1.Key': 'team',
      'Tags.1.Value': 'edge',
      UnitLimit: '1',
    })
    const placed = await order(service(), caller, ['a.example.com'])
    assert.equal(placed.profile, 'chancery-private-short')
    const { db } = service().services
    const tags = await db.read.selectFrom('tags').select(['key', 'value']).where('resource_id', '=', placed.id).execute()
    assert.deepEqual(
      tags.map(({ key, value }) => [key, value]),
      [['team', 'edge']],
    )
    assert.equal(await unitsOf(service(), caller.eabKeyId), 1)
    assert.equal(typeof (await service().succeed('GetEabKey', { KeyId: caller.eabKeyId }, extension))['LastUsedAt'], 'number')
    const plans = () => db.read.selectFrom('plans').select(['id', 'used']).orderBy('id').execute()
    const before = await plans()
    await assert.rejects(order(service(), caller, ['b.example.com']), { problem: 'eabKeySpent' })
    assert.deepEqual(await plans(), before)
    await service().succeed('UpdateEabKey', { KeyId: caller.eabKeyId, UnitLimit: 'unlimited' }, extension)
    await order(service(), caller, ['b.example.com'], { profile: 'chancery-private-mix' })
    assert.equal(await unitsOf(service(), caller.eabKeyId), 2)
    const low = await service().call('UpdateEabKey', { KeyId: caller.eabKeyId, UnitLimit: '1' }, extension)
    assert.match(low.text, /UnitLimit.*2 units are used already/)
  })

  it('is refused outside of the key’s names and products', async () => {
    const caller = await bind(service(), { 'Domains.1': '*.team.example.com' })
    await order(service(), caller, ['www.team.example.com', '*.team.example.com'])
    await assert.rejects(order(service(), caller, ['team.example.com']), { problem: 'rejectedIdentifier' })
    await assert.rejects(order(service(), caller, ['www.team.example.com', 'x.example.com']), { problem: 'rejectedIdentifier' })
    await assert.rejects(order(service(), caller, ['www.team.example.com'], { profile: 'chancery-private-short' }), {
      problem: 'invalidProfile',
    })
  })

  it('is refused once the key is off, ended or deleted', async () => {
    const caller = await bind(service(), {})
    const KeyId = caller.eabKeyId
    await order(service(), caller, ['c.example.com'])
    await service().succeed('UpdateEabKey', { KeyId, Status: 'Inactive' }, extension)
    await assert.rejects(order(service(), caller, ['d.example.com']), { problem: 'eabKeyUnusable' })
    await service().succeed('UpdateEabKey', { KeyId, Status: 'Active' }, extension)
    await order(service(), caller, ['d.example.com'])
    await service().succeed('DeleteEabKey', { KeyId }, extension)
    await assert.rejects(order(service(), caller, ['e.example.com']), { problem: 'eabKeyUnusable' })
  })

  it('is refused once its ACME account is revoked', async () => {
    const caller = await bind(service(), {})
    await service().succeed('UpdateAcmeAccount', { AcmeAccountId: String(caller.acmeAccountId), Status: 'revoked' }, extension)
    await assert.rejects(order(service(), caller, ['f.example.com']), { problem: 'callerInactive' })
    assert.equal(await unitsOf(service(), caller.eabKeyId), 0)
  })

  it('can do no more than the user of the key may, as it is now', async () => {
    await createUserWithKey(service(), 'acme-dave')
    const caller = await bind(service(), { UserName: 'acme-dave' })
    await assert.rejects(order(service(), caller, ['g.team.example.com']), { problem: 'noPermission' })
    const take = await grant(service(), 'acme-dave', [
      {
        Effect: 'Allow',
        Action: 'yundun-cert:CreateCertificateForPackageRequest',
        Resource: `acs:yundun-cert:*:${service().accountId}:package/chancery-private-mix`,
        Condition: { StringLike: { 'yundun-cert:Domain': '*.team.example.com' } },
      },
    ])
    await order(service(), caller, ['g.team.example.com', '*.team.example.com'])
    await assert.rejects(order(service(), caller, ['g.team.example.com', 'h.example.com']), { problem: 'noPermission' })
    await take()
    await assert.rejects(order(service(), caller, ['i.team.example.com']), { problem: 'noPermission' })
  })
})
