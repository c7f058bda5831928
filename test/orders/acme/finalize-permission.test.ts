import assert from 'node:assert/strict'
import { it } from 'node:test'
import { showAcmeOrder } from '../../../src/orders/acme/show-order.ts'
import { describeService } from '../../support/service.ts'
import { createUserWithKey, grant } from '../../support/tenants.ts'
import { outcome } from '../life-of-orders.ts'
import { proven } from '../open-test-services.ts'
import { asTest, finalize, joinDoor, order, prove } from './door.ts'

const product = 'chancery-private-mix'

describeService(
  'finalize by an account of the door that stands for a user',
  (service) => {
    it('needs the user’s permission for each way of proof that was used, as it is now', async () => {
      const test = asTest(service())
      await createUserWithKey(service(), 'acme-erin')
      const allowed = {
        Effect: 'Allow',
        Action: 'yundun-cert:CreateCertificateForPackageRequest',
        Resource: `acs:yundun-cert:*:${service().accountId}:package/${product}`,
      }
      const take = await grant(service(), 'acme-erin', [
        { ...allowed, Condition: { StringEquals: { 'yundun-cert:ValidateType': 'FILE' } } },
      ])
      const caller = await joinDoor(test, { userName: 'acme-erin', products: [product] })
      // A wildcard can be proven by the DNS alone.
      assert.equal(await outcome(order(test, caller, ['*.example.com'], { profile: product })), 'noPermission')
      const byDns = await prove(test, caller, await order(test, caller, ['a.example.com'], { profile: product }), 'dns-01')
      assert.equal(await outcome(finalize(test, caller, byDns)), 'noPermission')
      const byHost = await prove(test, caller, await order(test, caller, ['b.example.com'], { profile: product }), 'tls-alpn-01')
      assert.equal((await finalize(test, caller, byHost)).status, 'valid')
      const open = await prove(test, caller, await order(test, caller, ['c.example.com'], { profile: product }), 'http-01')
      await take()
      assert.equal(await outcome(finalize(test, caller, open)), 'noPermission')
      assert.equal((await showAcmeOrder(test.services, caller, open.id)).status, 'ready')
      await grant(service(), 'acme-erin', [allowed])
      for (const placed of [open, byDns]) assert.equal((await finalize(test, caller, placed)).status, 'valid')
    })
  },
  { ports: () => ({ domainControl: { maxConcurrent: 4, check: () => Promise.resolve(proven) } }) },
)
