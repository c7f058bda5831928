import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { actions } from '../../src/actions/index.ts'
import { readCheckpoint } from '../../src/audit/note.ts'
import { recipes } from '../support/action-recipes.ts'
import { buildWorld } from '../support/build-world.ts'
import { application, describeService, until } from '../support/service.ts'
import { extension, rootKey } from '../support/signed-call.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram, sts } from '../support/tenants.ts'
import { rootByPath } from './rfc6962.ts'

type Event = Readonly<Record<string, unknown>>

describeService('the audit trail', (service) => {
  const look = async (input: Readonly<Record<string, string>>, key = rootKey): Promise<Event[]> =>
    (await service().succeed('LookupEvents', input, { ...extension, key }))['Events'] as Event[]

  it('has one event at least of every call, changes and refusals alike, by its request id', async () => {
    const world = await buildWorld(service(), service().accountId, rootKey)
    const user = await createUserWithKey(service(), 'refused')
    const expected: [string, string, string, string][] = []
    for (const { name, version, decidedBy } of actions) {
      if (decidedBy === 'action') continue
      const input = recipes[name]?.(world) ?? assert.fail(`${name} has no recipe`)
      const refused = await service().call(name, input, { version, key: user })
      expected.push([name, String(refused.body['RequestId']), 'Deny', 'NoPermission'])
      const answer = await service().call(name, input, { version })
      expected.push([name, String(answer.body['RequestId']), 'Allow', answer.status === 200 ? 'OK' : String(answer.body['Code'])])
    }
    await sleep(1_500)
    for (const [name, EventRequestId, decision, code] of expected) {
      const [event] = await look({ EventRequestId })
      assert.ok(event !== undefined, `${name} (${code}) left no event`)
      assert.deepEqual([event['EventName'], event['Decision'], event['ResultCode'], event['SourceIp']], [name, decision, code, '127.0.0.1'])
    }
  })

  it('holds no secret, no private key and nothing of the applicant', async () => {
    const user = await createUserWithKey(service(), 'with-secrets')
    const { accountId } = service()
    const Statement = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${accountId}:root`] } }]
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement })
    await service().succeed('CreateRole', { RoleName: 'with-secrets', AssumeRolePolicyDocument }, ram)
    await grant(service(), 'with-secrets', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }])
    const RoleArn = `acs:ram::${accountId}:role/with-secrets`
    const session = await service().call('AssumeRole', { RoleArn, RoleSessionName: 'a-session' }, { ...sts, key: user })
    const credentials = (session.body['Credentials'] ?? {}) as Readonly<Record<string, string>>
    assert.ok(credentials['SecurityToken'], session.text)
    await service().call('ListUsers', { UserName: rootKey.secret }, { ...ram, key: { ...user, secret: 'wrong' } })
    await service().call('GetUser', { UserName: rootKey.secret }, ram)
    await service().call('DescribeCertificateState', { OrderId: rootKey.secret })
    await sleep(1_300)
    const events = await service().services.db.read.selectFrom('events').selectAll().execute()
    assert.ok(events.some(({ kind }) => kind === 'order.placed') && events.some(({ kind }) => kind === 'contact.created'))
    const text = JSON.stringify(events)
    const { AccessKeySecret = assert.fail(), SecurityToken = assert.fail() } = credentials
    const applicant = [application.Username, application.Phone, application.Email, '1 Example Road', '+44 20 7946 0000']
    for (const secret of [rootKey.secret, user.secret, AccessKeySecret, SecurityToken, 'PRIVATE KEY', ...applicant]) {
      assert.ok(!text.includes(secret), `${secret.slice(0, 20)} is in the trail`)
    }
  })

  it('has failed authentications, at the operator', async () => {
    const wrong = await service().call('ListOrders', {}, { ...extension, key: { ...rootKey, secret: 'wrong' } })
    assert.equal(outcomeOf(wrong), '400 SignatureDoesNotMatch')
    await until('the event', async () => (await look({ EventRequestId: String(wrong.body['RequestId']) }))[0])
  })

  it('is read in pages by every filter, and by its own account alone', async () => {
    const one = await createTenantAccount(service(), 'one')
    const two = await createTenantAccount(service(), 'two')
    for (let call = 0; call < 5; call++) await service().call('DescribePackageState', {}, { key: one.key })
    await sleep(1_300)
    const all = await look({ EventName: 'DescribePackageState' }, one.key)
    assert.equal(all.length, 5)
    assert.equal((await look({ EventName: 'DescribePackageState' }, two.key)).length, 0)
    const seen: unknown[] = []
    for (let NextToken: string | undefined; ;) {
      const page = await service().succeed(
        'LookupEvents',
        { EventName: 'DescribePackageState', MaxResults: '2', ...(NextToken && { NextToken }) },
        { ...extension, key: one.key },
      )
      seen.push(...(page['Events'] as Event[]).map((event) => event['EventId']))
      NextToken = page['NextToken'] as string | undefined
      if (NextToken === undefined) break
    }
    assert.deepEqual(
      seen,
      all.map((event) => event['EventId']),
    )
    const [newest] = all
    for (const [name, value] of [
      ['Principal', newest?.['Principal']],
      ['EventRequestId', newest?.['EventRequestId']],
      ['FromIp', '127.0.0.1'],
      ['Decision', 'Allow'],
      ['ResultCode', 'OK'],
      ['Kind', 'call'],
      ['StartTime', '2020-01-01T00:00:00Z'],
      ['ResourceName', newest?.['ResourceName']],
    ] as const) {
      assert.ok((await look({ [name]: String(value) }, one.key)).length > 0, name)
    }
    assert.equal((await look({ EndTime: '2020-01-01T00:00:00Z' }, one.key)).length, 0)
    assert.equal((await look({ FromIp: '192.0.2.1' }, one.key)).length, 0)
    const proof = await until('the seal', async () => {
      const answer = await service().call('GetAuditProof', { EventId: String(newest?.['EventId']) }, { ...extension, key: one.key })
      return answer.status === 200 ? answer.body : undefined
    })
    const entry = Buffer.from(String(proof['Entry']), 'base64')
    const path = (proof['Hashes'] as string[]).map((hash) => Buffer.from(hash, 'base64'))
    const { size, root } = readCheckpoint(String(proof['Checkpoint']), String(proof['VerifierKey']))
    assert.equal(size, proof['TreeSize'])
    assert.deepEqual(Buffer.from(rootByPath(Number(proof['LogIndex']), size, entry, path)), Buffer.from(root))
    const logged = JSON.parse(entry.toString()) as unknown[]
    assert.deepEqual([logged[1], logged[2], logged[8]], [newest?.['EventId'], one.accountId, newest?.['EventRequestId']])
    const foreign = await service().call('GetAuditProof', { EventId: String(newest?.['EventId']) }, { ...extension, key: two.key })
    const none = await service().call('GetAuditProof', { EventId: '999999999999' }, { ...extension, key: two.key })
    assert.deepEqual([outcomeOf(foreign), outcomeOf(none)], ['404 EntityNotExist.Event', '404 EntityNotExist.Event'])
  })
})
