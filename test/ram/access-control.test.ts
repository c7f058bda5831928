import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Caller } from '../../src/gateway/caller.ts'
import { atTheMachine } from '../../src/ram/accounts/operator.ts'
import { updateAccount } from '../../src/ram/accounts/update-account.ts'
import { createAccessControl } from '../../src/ram/create-access-control.ts'
import { openDiagnosticMessage } from '../../src/ram/diagnostic-message.ts'
import { openSharedSecrets } from '../../src/keys/open-shared-secrets.ts'
import { Problem } from '../../src/problem.ts'
import type { Services } from '../../src/services.ts'
import { originOf } from '../../src/storage/events.ts'
import { contextOf } from '../support/context.ts'
import { onBothEngines, place, type TestServices, writeDirectly } from '../orders/open-test-services.ts'

/** Makes a user with a policy of these statements, as the writes of RAM do. */
async function userWith(test: TestServices, name: string, statements: readonly object[]): Promise<Caller> {
  const { db, clock } = test.services
  const change = async () => ({
    caller: test.caller,
    origin: originOf(contextOf(test.caller)),
    eventId: await db.nextId('events'),
    now: clock(),
  })
  const userId = await db.nextId('ram_users')
  const texts = { displayName: name, mobilePhone: '', email: '', comments: '' }
  await db.write.createUser({ ...(await change()), ...texts, userId, name, nameKey: name, tags: [{ key: 'squad', value: 'blue' }] })
  const policyId = await db.nextId('ram_policies')
  const document = JSON.stringify({ Version: '1', Statement: statements })
  await db.write.createPolicy({
    ...(await change()),
    policyId,
    name: `of-${name}`,
    nameKey: `of-${name}`,
    description: '',
    document,
    documentSha256: '',
    tags: [],
  })
  await db.write.attachPolicy({
    ...(await change()),
    holderKind: 'user',
    holderId: userId,
    holderName: name,
    policyType: 'Custom',
    policyKey: `Custom:of-${name}`,
    policyId,
    policyName: `of-${name}`,
  })
  const { accountId } = test.caller
  return {
    accountId,
    principal: `acs:ram::${accountId}:user/${name}`,
    accessKeyId: 'a-key',
    identity: { kind: 'user', userId, userName: name },
  }
}

/** An access control of its own, and the number of queries that it made. */
function watch(test: TestServices) {
  let queries = 0
  const counted = test.services.db.read.withPlugin({
    transformQuery(args) {
      queries += 1
      return args.node
    },
    transformResult: (args) => Promise.resolve(args.result),
  })
  const db: Services['db'] = {
    ...test.services.db,
    read: counted,
    onNotify: (channel, listener) => test.services.db.onNotify(channel, listener),
  }
  const { secrets, clock } = test.services
  return { access: createAccessControl({ db, secrets, clock, defaultKeyReading: 'separate' }), queries: () => queries }
}

describe('access control', () => {
  onBothEngines('asks the database nothing once it knows a caller, and attributes only where a policy names them', async (test) => {
    const plain = await userWith(test, 'plain', [{ Effect: 'Allow', Action: 'yundun-cert:Describe*', Resource: '*' }])
    const tagged = await userWith(test, 'tagged', [
      { Effect: 'Allow', Action: 'yundun-cert:Describe*', Resource: '*', Condition: { StringEquals: { 'acs:ResourceTag/team': 'web' } } },
    ])
    const order = await place(test, { tags: [{ key: 'team', value: 'web' }] })
    const { access, queries } = watch(test)
    const request = { action: 'yundun-cert:DescribeCertificateState', resources: [`order/${order.id}`] }
    await access.assertAllowed(contextOf(plain), request)
    const cold = queries()
    assert.ok(cold > 0)
    let asked = 0
    const conditions = () => {
      asked += 1
      return {}
    }
    for (let call = 0; call < 10; call++) await access.assertAllowed(contextOf(plain), { ...request, conditions })
    assert.deepEqual([queries() - cold, asked], [0, 0])
    await access.assertAllowed(contextOf(tagged), { ...request, conditions })
    assert.ok(queries() > cold)
    assert.equal(asked, 1)
  })

  onBothEngines('keeps nothing that was read before a change, and is five seconds old at most', async (test) => {
    const alice = await userWith(test, 'alice', [{ Effect: 'Allow', Action: 'yundun-cert:ListOrders', Resource: '*' }])
    const { access } = watch(test)
    const may = () => access.isAllowed(contextOf(alice), { action: 'yundun-cert:ListOrders' })
    assert.equal(await may(), true)
    // As no write of the service does it: nobody is told.
    await writeDirectly(test, 'delete from ram_attachments')
    assert.equal(await may(), true)
    test.clock.now += 5_001
    assert.equal(await may(), false)
  })

  onBothEngines('goes on denying by set operators when the account has given them up', async (test) => {
    const change = { name: undefined, status: undefined, keyReading: undefined }
    await updateAccount(test.services, atTheMachine, test.caller.accountId, { ...change, setOperators: true })
    const bob = await userWith(test, 'bob', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { 'ForAnyValue:StringLike': { 'yundun-cert:Domain': '*.secret.example.com' } },
      },
    ])
    await updateAccount(test.services, atTheMachine, test.caller.accountId, { ...change, setOperators: false })
    const { access } = watch(test)
    const ask = (name: string) =>
      access.isAllowed(contextOf(bob), {
        action: 'yundun-cert:CreateCertificateRequest',
        conditions: () => ({ 'yundun-cert:Domain': [name] }),
      })
    assert.deepEqual([await ask('www.example.com'), await ask('a.secret.example.com')], [true, false])
  })

  onBothEngines('refuses with everything that the original tells, and a message that only the service reads', async (test) => {
    const carol = await userWith(test, 'carol', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'yundun-cert:Delete*', Resource: '*' },
    ])
    const request = { action: 'yundun-cert:DeleteCertificateRequest', resources: ['order/7'] }
    const refusal = await test.services.access.assertAllowed(contextOf(carol), request).then(
      () => assert.fail('it was allowed'),
      (error: unknown) => error,
    )
    assert.ok(refusal instanceof Problem)
    const { EncodedDiagnosticMessage = '', rule: _rule, ...detail } = refusal.params
    assert.deepEqual(detail, {
      AuthAction: 'yundun-cert:DeleteCertificateRequest',
      AuthPrincipalType: 'SubUser',
      AuthPrincipalOwnerId: String(test.caller.accountId),
      AuthPrincipalDisplayName: `2${String(carol.identity.kind === 'user' ? carol.identity.userId : 0).padStart(17, '0')}`,
      PolicyType: 'AccountLevelIdentityBasedPolicy',
      NoPermissionType: 'ExplicitDeny',
    })
    assert.doesNotMatch(Buffer.from(EncodedDiagnosticMessage, 'base64').toString('latin1'), /carol|Delete/)
    const message = await openDiagnosticMessage(test.services.secrets, EncodedDiagnosticMessage)
    assert.deepEqual(message?.decision, {
      decision: 'ExplicitDeny',
      policyType: 'AccountLevelIdentityBasedPolicy',
      statement: { policy: 'of-carol', version: 'v1', index: 1 },
    })
    assert.equal(message.request.resource, `acs:yundun-cert:*:${test.caller.accountId}:order/7`)
  })

  onBothEngines('lets a session do what its role may and its own policy allows', async (test) => {
    const { db, clock } = test.services
    const origin = originOf(contextOf(test.caller))
    const roleId = await db.nextId('ram_roles')
    const change = async () => ({ caller: test.caller, origin, eventId: await db.nextId('events'), now: clock() })
    await db.write.createRole({
      ...(await change()),
      roleId,
      name: 'deploy',
      nameKey: 'deploy',
      description: '',
      trustDocument: '{}',
      documentSha256: '',
      maxSessionSeconds: 3600,
      tags: [],
    })
    await db.write.attachPolicy({
      ...(await change()),
      holderKind: 'role',
      holderId: roleId,
      holderName: 'deploy',
      policyType: 'System',
      policyKey: 'System:aliyunyunduncertreadonlyaccess',
      policyId: null,
      policyName: 'AliyunYundunCertReadOnlyAccess',
    })
    const session = (policy?: object): Caller => ({
      accountId: test.caller.accountId,
      principal: 'a session',
      accessKeyId: 'STS.x',
      identity: {
        kind: 'session',
        roleId,
        roleName: 'deploy',
        sessionName: 's',
        ...(policy && { policy: JSON.stringify({ Version: '1', Statement: [policy] }) }),
      },
    })
    const may = (caller: Caller, name: string) => test.services.access.isAllowed(contextOf(caller), { action: `yundun-cert:${name}` })
    const narrow = { Effect: 'Allow', Action: 'yundun-cert:ListOrders', Resource: '*' }
    const answers = await Promise.all([
      may(session(), 'ListOrders'),
      may(session(), 'DescribePackageState'),
      may(session(), 'PurchasePackage'),
      may(session(), 'GetPrivateKey'),
      may(session(narrow), 'ListOrders'),
      may(session(narrow), 'DescribePackageState'),
      may(session({ ...narrow, Action: '*' }), 'PurchasePackage'),
    ])
    assert.deepEqual(answers, [true, true, false, false, true, false, false])
  })
})

describe('secrets that processes share', () => {
  onBothEngines('open in every process, the renewed ones too, and nothing else opens', async (test) => {
    const one = test.services.secrets
    const two = await openSharedSecrets(test.services)
    const plain = Buffer.from('a session')
    const sealed = one.seal('sessionToken', plain)
    assert.deepEqual(await two.open('sessionToken', sealed), plain)
    assert.notDeepEqual(Buffer.from(one.seal('sessionToken', plain)), Buffer.from(sealed))
    await one.renew()
    const later = one.seal('sessionToken', plain)
    assert.deepEqual(await two.open('sessionToken', later), plain)
    assert.deepEqual(await two.open('sessionToken', sealed), plain, 'what was sealed before still opens')
    assert.equal(await two.open('diagnosticMessage', sealed), undefined)
    for (const wrong of [new Uint8Array(), Buffer.alloc(31), Buffer.alloc(200, 1), Buffer.concat([sealed, Buffer.alloc(1)])]) {
      assert.equal(await one.open('sessionToken', wrong), undefined)
    }
    const flipped = Buffer.from(sealed)
    flipped[20] = (flipped[20] ?? 0) ^ 1
    assert.equal(await one.open('sessionToken', flipped), undefined)
  })
})
