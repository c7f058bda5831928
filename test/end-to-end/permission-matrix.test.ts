import assert from 'node:assert/strict'
import { it } from 'node:test'
import { actions, emulatorActions } from '../../src/actions/index.ts'
import { recipeOf } from '../support/action-recipes.ts'
import { buildWorld } from '../support/build-world.ts'
import { describeService } from '../support/service.ts'
import { extension, rootKey } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf } from '../support/tenants.ts'

/** Actions that ask no permission by their name, and why. */
const othersDecide: Readonly<Record<string, string>> = {
  AssumeRole: 'the trust policy of the role has to allow it too: the handler asks both',
  AssumeRoleWithOIDC: 'the caller has no key; the trust policy of the role decides',
  GetCallerIdentity: 'whoever has a key may know whose it is',
}

describeService('permission', (service) => {
  it('is asked by every action: a user without it is refused, one with nothing else is not', async () => {
    const world = await buildWorld(service(), service().accountId, rootKey)
    const key = await createUserWithKey(service(), 'tried')
    const other = await grant(service(), 'tried', [{ Effect: 'Allow', Action: 'yundun-cert:NothingAtAll', Resource: '*' }])
    for (const { name, version, ramAction, decidedBy, anonymous } of actions) {
      if (othersDecide[name] !== undefined) {
        assert.ok(decidedBy === 'action' || anonymous === true, name)
        continue
      }
      const input = recipeOf({ name, version })(world)
      const without = await service().call(name, input, { version, key })
      assert.equal(outcomeOf(without), '403 NoPermission', `${name} without permission: ${without.text}`)
      const detail = without.body['AccessDeniedDetail'] as Readonly<Record<string, string>>
      assert.deepEqual(
        [detail['AuthAction'], detail['AuthPrincipalType'], detail['PolicyType'], detail['NoPermissionType']],
        [ramAction, 'SubUser', 'AccountLevelIdentityBasedPolicy', 'ImplicitDeny'],
      )
      assert.match(detail['EncodedDiagnosticMessage'] ?? '', /^AQEAAAAA/)
      const take = await grant(service(), 'tried', [{ Effect: 'Allow', Action: ramAction, Resource: '*' }])
      const allowed = await service().call(name, input, { version, key })
      assert.notEqual(allowed.body['Code'], 'NoPermission', `${name} with permission: ${allowed.text}`)
      assert.ok(allowed.status < 500, allowed.text)
      await take()
      const denied = await grant(service(), 'tried', [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: ramAction, Resource: '*' },
      ])
      const refused = await service().call(name, input, { version, key })
      assert.equal(
        (refused.body['AccessDeniedDetail'] as Readonly<Record<string, string>> | undefined)?.['NoPermissionType'],
        'ExplicitDeny',
        name,
      )
      await denied()
    }
    await other()
  })
})

/** Valid calls of the emulator's own actions. */
const emulatorInputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MoveClock: { Seconds: '0' },
  SetProofs: { PassAfter: 'real' },
}

describeService(
  'permission to steer the emulator',
  (service) => {
    it('is the operator’s account’s to give: no tenant has it', async () => {
      const tenant = await createTenantAccount(service(), 'a tenant')
      const key = await createUserWithKey(service(), 'tester')
      for (const { name, ramAction } of emulatorActions) {
        const input = emulatorInputs[name] ?? assert.fail(`${name} has no input here`)
        const outcome = async (by: typeof key) => outcomeOf(await service().call(name, input, { ...extension, key: by }))
        assert.equal(await outcome(tenant.key), '403 NoPermission', name)
        assert.equal(await outcome(key), '403 NoPermission', name)
        const take = await grant(service(), 'tester', [{ Effect: 'Allow', Action: ramAction, Resource: '*' }])
        assert.equal(await outcome(key), 'OK', name)
        await take()
      }
    })
  },
  { env: { CHANCERY_EMULATOR: '1' } },
)
