import assert from 'node:assert/strict'
import { it } from 'node:test'
import Sts from '@alicloud/sts20150401'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import { describeService, type TestService } from '../support/service.ts'
import { extension, rootKey, type SigningKey } from '../support/signed-call.ts'
import { assumeRole, callAs, callAssumeRole, createTrustingRole, type SessionKey } from '../support/sessions.ts'
import { createTenantAccount, createUserWithKey, grant, outcomeOf, ram, sts } from '../support/tenants.ts'

const mayAssume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }

/** Trusts the account: its users and roles, as far as their own policies let them. */
const trustAccount = (accountId: number) => ({ Principal: { RAM: [`acs:ram::${accountId}:root`] } })

const detailOf = (body: Readonly<Record<string, unknown>>) => (body['AccessDeniedDetail'] ?? {}) as Readonly<Record<string, string>>

function stsClient(service: TestService, key: SigningKey | SessionKey): Sts.default {
  const config = new $OpenApiUtil.Config({
    accessKeyId: key.accessKeyId,
    accessKeySecret: key.secret,
    endpoint: new URL(service.addresses.http ?? '').host,
    protocol: 'http',
  })
  if ('securityToken' in key) config.securityToken = key.securityToken
  return new Sts.default(config)
}

let users = 0

/** A user who may assume whatever trusts them. */
async function createAssumer(service: TestService, key?: SigningKey): Promise<SigningKey & { readonly name: string }> {
  const name = `assumer-${++users}`
  const made = await createUserWithKey(service, name, key)
  await grant(service, name, [mayAssume], key)
  return { ...made, name }
}

let roles = 0
const freshRole = () => `role-${++roles}`

describeService('AssumeRole', (service) => {
  it('gives the official client a key that works, and GetCallerIdentity tells whose it is', async () => {
    const { accountId } = service()
    const user = await createAssumer(service())
    const roleArn = await createTrustingRole(service(), 'Deployer', trustAccount(accountId))
    const before = Date.now()
    const { body } = await stsClient(service(), user).assumeRole(
      new Sts.AssumeRoleRequest({ roleArn, roleSessionName: 'alice@example.com', durationSeconds: 900 }),
    )
    const { accessKeyId = '', accessKeySecret = '', securityToken = '', expiration = '' } = body?.credentials ?? {}
    assert.match(accessKeyId, /^STS\.[A-Za-z0-9]{25}$/)
    assert.match(securityToken, /^CAIS/)
    assert.match(expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const lasts = Date.parse(expiration) - before
    assert.ok(lasts > 898_000 && lasts < 930_000, `${lasts}`)
    assert.equal(body?.assumedRoleUser?.arn, `${roleArn}/alice@example.com`)
    assert.match(body?.assumedRoleUser?.assumedRoleId ?? '', /^3\d{17}:alice@example\.com$/)

    const session = { accessKeyId, secret: accessKeySecret, securityToken, expiration }
    const { body: me } = await stsClient(service(), session).getCallerIdentity()
    assert.equal(me?.identityType, 'AssumedRoleUser')
    assert.equal(me?.accountId, String(accountId))
    assert.equal(me?.arn, `acs:ram::${accountId}:assumed-role/Deployer/alice@example.com`)
    assert.equal(me?.principalId, body?.assumedRoleUser?.assumedRoleId)
    assert.equal(me?.roleId, me?.principalId?.split(':')[0])
    assert.equal(me?.userId, undefined)
  })

  it('tells users and accounts who they are', async () => {
    const { accountId } = service()
    const root = (await callAs(service(), rootKey, 'GetCallerIdentity', {}, sts)).body
    assert.deepEqual(
      [root['IdentityType'], root['Arn'], root['UserId'], root['PrincipalId'], root['RoleId']],
      ['Account', `acs:ram::${accountId}:root`, String(accountId), String(accountId), undefined],
    )
    const user = await createUserWithKey(service(), 'nobody-special')
    const { body } = await callAs(service(), user, 'GetCallerIdentity', {}, sts)
    assert.deepEqual([body['IdentityType'], body['Arn']], ['RAMUser', `acs:ram::${accountId}:user/nobody-special`])
    assert.match(String(body['UserId']), /^2\d{17}$/)
  })

  it('lets a session do what the policies of its role say, and no more than its own policy', async () => {
    const user = await createAssumer(service())
    const RoleName = freshRole()
    const roleArn = await createTrustingRole(service(), RoleName, trustAccount(service().accountId))
    await service().succeed('AttachPolicyToRole', { RoleName, PolicyName: 'AdministratorAccess', PolicyType: 'System' }, ram)
    const whole = await assumeRole(service(), user, roleArn)
    assert.equal((await callAs(service(), whole, 'ListUsers', {}, ram)).status, 200)
    const Policy = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'ram:ListRoles', Resource: '*' }] })
    const narrow = await assumeRole(service(), user, roleArn, { Policy })
    assert.equal((await callAs(service(), narrow, 'ListRoles', {}, ram)).status, 200)
    const refused = await callAs(service(), narrow, 'ListUsers', {}, ram)
    assert.equal(outcomeOf(refused), '403 NoPermission')
    assert.deepEqual(
      [detailOf(refused.body)['PolicyType'], detailOf(refused.body)['AuthPrincipalDisplayName']],
      ['SessionPolicy', `${RoleName}:a-session`],
    )
  })

  it('needs both the policy of the caller and the trust of the role', async () => {
    const { accountId } = service()
    const trusted = await createTrustingRole(service(), freshRole(), trustAccount(accountId))
    const powerless = await createUserWithKey(service(), 'powerless')
    const first = await callAssumeRole(service(), powerless, trusted)
    assert.equal(outcomeOf(first), '403 NoPermission')
    assert.equal(first.body['Message'], 'You are not authorized to do this action. You should be authorized by RAM.')
    assert.deepEqual(
      [detailOf(first.body)['AuthAction'], detailOf(first.body)['PolicyType'], detailOf(first.body)['NoPermissionType']],
      ['sts:AssumeRole', 'AccountLevelIdentityBasedPolicy', 'ImplicitDeny'],
    )
    const one = await createAssumer(service())
    const other = await createAssumer(service())
    const ofOne = await createTrustingRole(service(), freshRole(), { Principal: { RAM: [`acs:ram::${accountId}:user/${one.name}`] } })
    await assumeRole(service(), one, ofOne)
    const second = await callAssumeRole(service(), other, ofOne)
    assert.deepEqual([outcomeOf(second), detailOf(second.body)['PolicyType']], ['403 NoPermission', 'AssumeRolePolicy'])
    const decoded = await service().succeed(
      'DecodeDiagnosticMessage',
      { EncodedDiagnosticMessage: detailOf(second.body)['EncodedDiagnosticMessage'] ?? '' },
      ram,
    )
    assert.match(JSON.stringify(decoded), /sts:AssumeRole/)
  })

  it('asks a policy by the stored name of the role, whatever case it was named in', async () => {
    const { accountId } = service()
    const roleArn = await createTrustingRole(service(), 'MixedCase', trustAccount(accountId))
    const user = await createUserWithKey(service(), 'case-trier')
    await grant(service(), 'case-trier', [
      mayAssume,
      { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: `acs:ram:*:${accountId}:role/MixedCase` },
    ])
    for (const arn of [roleArn, roleArn.toLowerCase()]) {
      const answer = await callAssumeRole(service(), user, arn)
      assert.deepEqual([outcomeOf(answer), detailOf(answer.body)['NoPermissionType']], ['403 NoPermission', 'ExplicitDeny'])
    }
  })

  it('refuses the account itself, and tells of a missing role only whoever may assume it', async () => {
    const { accountId } = service()
    const roleArn = await createTrustingRole(service(), freshRole(), trustAccount(accountId))
    const root = await callAssumeRole(service(), rootKey, roleArn)
    assert.deepEqual([outcomeOf(root), root.body['Message']], ['403 NoPermission', 'Roles may not be assumed by root accounts.'])
    const missing = `acs:ram::${accountId}:role/no-such-role`
    assert.equal(outcomeOf(await callAssumeRole(service(), await createAssumer(service()), missing)), '404 EntityNotExist.Role')
    const powerless = await createUserWithKey(service(), 'curious')
    const [toMissing, toForbidden] = [
      await callAssumeRole(service(), powerless, missing),
      await callAssumeRole(service(), powerless, roleArn),
    ]
    assert.equal(outcomeOf(toMissing), '403 NoPermission')
    const told = ({ body }: typeof toMissing) => ({
      Code: body['Code'],
      Message: body['Message'],
      ...detailOf(body),
      EncodedDiagnosticMessage: '',
    })
    assert.deepEqual(told(toMissing), told(toForbidden))
  })

  it('works across accounts where the trust names the caller, and otherwise does not tell whether the role exists', async () => {
    const owner = await createTenantAccount(service(), 'the owner of roles')
    const guest = await createTenantAccount(service(), 'the guest')
    const user = await createAssumer(service(), guest.key)
    const open = await createTrustingRole(service(), 'ForGuests', trustAccount(guest.accountId), { key: owner.key })
    const session = await assumeRole(service(), user, open)
    const me = await callAs(service(), session, 'GetCallerIdentity', {}, sts)
    assert.equal(me.body['AccountId'], String(owner.accountId))

    const closed = await createTrustingRole(service(), 'ForOwners', trustAccount(owner.accountId), { key: owner.key })
    const denying = await createTrustingRole(
      service(),
      'NotForGuests',
      [trustAccount(guest.accountId), { ...trustAccount(guest.accountId), Effect: 'Deny' }],
      { key: owner.key },
    )
    const tellings: unknown[] = []
    for (const arn of [closed, denying, `acs:ram::${owner.accountId}:role/NoSuchRole`, 'acs:ram::1999999999999999:role/NoSuchRole']) {
      const { status, body } = await callAssumeRole(service(), user, arn)
      tellings.push({ status, Code: body['Code'], Message: body['Message'], ...detailOf(body), EncodedDiagnosticMessage: '' })
    }
    for (const telling of tellings) assert.deepEqual(telling, tellings[0])
    assert.equal((tellings[0] as Readonly<Record<string, string>>)['PolicyType'], 'AssumeRolePolicy')

    const events = await service().services.db.read.selectFrom('events').selectAll().where('kind', '=', 'session.started').execute()
    const event = events.find(({ account_id }) => account_id === owner.accountId) ?? assert.fail('the session is not on record')
    assert.deepEqual(
      [event.resource, event.principal, event.action],
      ['role/ForGuests', `acs:ram::${guest.accountId}:user/${user.name}`, 'AssumeRole'],
    )
    assert.equal((JSON.parse(event.detail) as Readonly<Record<string, string>>)['accessKeyId'], session.accessKeyId)
    assert.ok(!event.detail.includes(session.secret) && !event.detail.includes(session.securityToken), 'a secret is on record')
  })

  it('meets conditions of the trust: external id, source identity, tags of the caller', async () => {
    const { accountId } = service()
    const user = await createAssumer(service())
    const withCondition = (Condition: object) => createTrustingRole(service(), freshRole(), { ...trustAccount(accountId), Condition })
    const external = await withCondition({ StringEquals: { 'sts:ExternalId': 'shared=secret' } })
    assert.equal(outcomeOf(await callAssumeRole(service(), user, external)), '403 NoPermission')
    assert.equal(outcomeOf(await callAssumeRole(service(), user, external, { ExternalId: 'another' })), '403 NoPermission')
    await assumeRole(service(), user, external, { ExternalId: 'shared=secret' })
    const named = await withCondition({ StringLike: { 'sts:SourceIdentity': 'a*' } })
    assert.equal(outcomeOf(await callAssumeRole(service(), user, named, { SourceIdentity: 'bob' })), '403 NoPermission')
    await assumeRole(service(), user, named, { SourceIdentity: 'alice' })
    const tagged = await withCondition({ StringEquals: { 'acs:PrincipalTag/team': 'blue' } })
    assert.equal(outcomeOf(await callAssumeRole(service(), user, tagged)), '403 NoPermission')
    await service().succeed(
      'TagResources',
      { ResourceType: 'user', 'ResourceNames.1': user.name, 'Tag.1.Key': 'team', 'Tag.1.Value': 'blue' },
      ram,
    )
    await assumeRole(service(), user, tagged)
  })

  it('lets a session assume the next role, and its source identity stays along the chain', async () => {
    const { accountId } = service()
    const user = await createAssumer(service())
    const first = freshRole()
    const firstArn = await createTrustingRole(service(), first, trustAccount(accountId))
    await service().succeed('AttachPolicyToRole', { RoleName: first, PolicyName: 'AliyunSTSAssumeRoleAccess', PolicyType: 'System' }, ram)
    const second = await createTrustingRole(service(), freshRole(), { Principal: { RAM: [`acs:ram::${accountId}:role/${first}`] } })
    assert.equal(outcomeOf(await callAssumeRole(service(), user, second)), '403 NoPermission')
    const session = await assumeRole(service(), user, firstArn, { SourceIdentity: 'alice' })
    const next = await callAssumeRole(service(), session, second)
    assert.deepEqual([next.status, next.body['SourceIdentity']], [200, 'alice'])
    assert.equal(
      outcomeOf(await callAssumeRole(service(), session, second, { SourceIdentity: 'mallory' })),
      '400 InvalidParameter.SourceIdentity',
    )
  })

  it('refuses what is out of bounds, each with its own code', async () => {
    const { accountId } = service()
    const user = await createAssumer(service())
    const roleArn = await createTrustingRole(service(), freshRole(), trustAccount(accountId), { MaxSessionDuration: '7200' })
    const outcome = async (parameters: Readonly<Record<string, string>>) =>
      outcomeOf(await callAssumeRole(service(), user, roleArn, parameters))
    assert.equal(await outcome({ RoleArn: 'acs:ram::12:role/x' }), '400 InvalidParameter.RoleArn')
    assert.equal(await outcome({ RoleArn: '' }), '400 MissingRoleArn')
    for (const RoleSessionName of ['a', 'x'.repeat(65), 'a b', 'é'.repeat(3)]) {
      assert.equal(await outcome({ RoleSessionName }), '400 InvalidParameter.RoleSessionName', RoleSessionName)
    }
    assert.equal(await outcome({ DurationSeconds: '899' }), '400 InvalidParameter.DurationSeconds')
    assert.equal(await outcome({ DurationSeconds: '7201' }), '400 InvalidParameter.DurationSeconds')
    assert.equal(await outcome({ DurationSeconds: '7200' }), 'OK')
    assert.equal(await outcome({ Policy: '{"Version":"1"}' }), '400 InvalidParameter.PolicyGrammar')
    assert.equal(await outcome({ Policy: 'x'.repeat(2049) }), '400 InvalidParameter.PolicySize')
    assert.equal(await outcome({ ExternalId: 'a' }), '400 InvalidParameter.ExternalId')
    assert.equal(await outcome({ SourceIdentity: 'a/b' }), '400 InvalidParameter.SourceIdentity')
  })
})

describeService('the key of a session', (service) => {
  let session: SessionKey
  let RoleName: string

  async function begin(): Promise<void> {
    const user = await createAssumer(service())
    RoleName = freshRole()
    session = await assumeRole(service(), user, await createTrustingRole(service(), RoleName, trustAccount(service().accountId)))
  }
  const ask = async (key: SigningKey | SessionKey) => outcomeOf(await callAs(service(), key, 'GetCallerIdentity', {}, sts))

  it('needs its token: none, a broken one and that of another key are told apart', async () => {
    await begin()
    assert.equal(await ask(session), 'OK')
    const { securityToken: token, ...bare } = session
    assert.equal(await ask(bare), '400 MissingSecurityToken')
    assert.equal(await ask({ ...session, securityToken: 'nonsense' }), '400 InvalidSecurityToken.Malformed')
    const changed = `${token.slice(0, -6)}${token.at(-6) === 'A' ? 'B' : 'A'}${token.slice(-5)}`
    assert.equal(await ask({ ...session, securityToken: changed }), '400 InvalidSecurityToken.Malformed')
    // What decodes to the same octets is another text.
    assert.equal(await ask({ ...session, securityToken: `${token}!!` }), '400 InvalidSecurityToken.Malformed')
    const before = session
    await begin()
    assert.equal(await ask({ ...before, securityToken: session.securityToken }), '400 InvalidSecurityToken.MismatchWithAccessKey')
    assert.equal(await ask({ ...session, secret: before.secret }), '400 SignatureDoesNotMatch')
  })

  it('does not work while its account is suspended', async () => {
    const tenant = await createTenantAccount(service(), 'a tenant to suspend')
    const user = await createAssumer(service(), tenant.key)
    const roleArn = await createTrustingRole(service(), 'Role', trustAccount(tenant.accountId), { key: tenant.key })
    const own = await assumeRole(service(), user, roleArn)
    const AccountId = String(tenant.accountId)
    await service().succeed('UpdateAccount', { AccountId, Status: 'suspended' }, extension)
    assert.equal(await ask(own), '400 InvalidAccessKeyId.Inactive')
    await service().succeed('UpdateAccount', { AccountId, Status: 'active' }, extension)
    assert.equal(await ask(own), 'OK')
  })

  it('ends at once with its role, also if a role of the same name is made again', async () => {
    await begin()
    assert.equal(await ask(session), 'OK')
    await service().succeed('DeleteRole', { RoleName }, ram)
    assert.equal(await ask(session), '404 InvalidAccessKeyId.NotFound')
    await createTrustingRole(service(), RoleName, trustAccount(service().accountId))
    assert.equal(await ask(session), '404 InvalidAccessKeyId.NotFound')
  })
})

let wallMs = Date.now()

describeService(
  'the end of a session',
  (service) => {
    it('is where its answer says', async () => {
      const user = await createAssumer(service())
      const roleArn = await createTrustingRole(service(), freshRole(), trustAccount(service().accountId))
      const session = await assumeRole(service(), user, roleArn, { DurationSeconds: '900' })
      const ask = async () => outcomeOf(await callAs(service(), session, 'GetCallerIdentity', {}, sts))
      assert.equal(await ask(), 'OK')
      wallMs = Date.parse(session.expiration) - 1
      assert.equal(await ask(), 'OK')
      wallMs += 1
      assert.equal(await ask(), '400 InvalidSecurityToken.Expired')
    })
  },
  { ports: () => ({ clock: () => wallMs }) },
)
