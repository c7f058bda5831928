import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { createTestData, itOnEngine, startTestService, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { assumeRole, callAs, createTrustingRole } from '../support/sessions.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf } from '../support/tenants.ts'

describe('an account that one process suspends', () => {
  itOnEngine('postgres', 'is shut out by the others: its own key, its users and its sessions', async (data) => {
    const env = { CHANCERY_MASTER_KEY_FILE: `${data.folder}/master.key`, CHANCERY_ROLES: 'api' }
    await withService(
      data,
      async (one) => {
        const folder = await createTestData('sqlite')
        const two = await startTestService({ ...folder, databaseUrl: data.databaseUrl }, env)
        try {
          const { accountId, key } = await createTenantAccount(one, 'a tenant')
          const user = await createUserWithKey(one, 'somebody', key)
          await grant(one, 'somebody', [{ Effect: 'Allow', Action: '*', Resource: '*' }], key)
          const trust = { Principal: { RAM: [`acs:ram::${accountId}:root`] } }
          const session = await assumeRole(one, user, await createTrustingRole(one, 'a-role', trust, { key }))
          const callers = [key, user, session]
          const outcomes = async () =>
            await Promise.all(
              callers.map(async (caller) => outcomeOf(await callAs(two, caller, 'GetCallerIdentity', {}, { version: '2015-04-01' }))),
            )
          const become = async (Status: string, outcome: string) => {
            await one.succeed('UpdateAccount', { AccountId: String(accountId), Status }, extension)
            // The notice is on its way. Far below the five seconds after which a process looks by itself.
            await until(outcome, async () => ((await outcomes()).every((seen) => seen === outcome) ? true : undefined), 2_000)
          }
          assert.deepEqual(await outcomes(), ['OK', 'OK', 'OK'])
          await become('suspended', '400 InvalidAccessKeyId.Inactive')
          await become('active', 'OK')
        } finally {
          await two.stop()
          folder.remove()
        }
      },
      env,
    )
  })
})
