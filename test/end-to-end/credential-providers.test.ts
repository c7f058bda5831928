import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startDnsServer } from '../../demo/dns-server.ts'
import { listIssuers } from '../../src/storage/accounts.ts'
import { encodePem } from '../../src/x509/pem.ts'
import { startIssuer } from '../support/issuer.ts'
import { createTestData, startTestService, type TestService } from '../support/service.ts'
import { assumeRole, callAs, createTrustingRole, type SessionKey } from '../support/sessions.ts'
import type { SigningKey } from '../support/signed-call.ts'
import { createUserWithKey, grant, ims, sts } from '../support/tenants.ts'

const run = promisify(execFile)

/** What the service and the machine of a client hold for these tests. */
interface World {
  readonly service: TestService
  /** `host:port` of the HTTPS listener, for `stsEndpoint`. */
  readonly stsEndpoint: string
  readonly folder: string
  readonly user: SigningKey
  readonly roleArn: string
  readonly federatedRoleArn: string
  readonly oidcProviderArn: string
  readonly oidcTokenFilePath: string
  close(): Promise<void>
}

async function setUp(): Promise<World> {
  const issuer = await startIssuer()
  const dns = await startDnsServer()
  dns.setAddresses('localhost', ['127.0.0.1'])
  const data = await createTestData('sqlite')
  const { folder } = data
  writeFileSync(join(folder, 'issuer.pem'), issuer.root.pem)
  const service = await startTestService(data, {
    CHANCERY_HTTPS_LISTEN: '127.0.0.1:0',
    CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
    CHANCERY_OIDC_ISSUERS: issuer.url,
    CHANCERY_OIDC_ALLOW_CIDRS: '127.0.0.1/32',
    CHANCERY_OIDC_CA_FILE: join(folder, 'issuer.pem'),
  })
  const root = (await listIssuers(service.services.db.read)).find(({ kind }) => kind === 'root') ?? assert.fail('there is no root')
  writeFileSync(join(folder, 'service-root.pem'), encodePem('CERTIFICATE', root.certificate))
  const user = await createUserWithKey(service, 'client')
  await grant(service, 'client', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }])
  const made = await service.succeed(
    'CreateOIDCProvider',
    { OIDCProviderName: 'Cluster', IssuerUrl: issuer.url, ClientIds: 'sts.example' },
    ims,
  )
  const oidcProviderArn = String((made['OIDCProvider'] as Readonly<Record<string, unknown>>)['Arn'])
  const key = await issuer.createKey('key-1')
  const oidcTokenFilePath = join(folder, 'token')
  writeFileSync(oidcTokenFilePath, `${await key.sign()}\n`)
  return {
    service,
    folder,
    stsEndpoint: `localhost:${new URL(service.addresses.https ?? '').port}`,
    user,
    roleArn: await createTrustingRole(service, 'Deployer', {
      Principal: { RAM: [`acs:ram::${service.accountId}:root`] },
      Condition: { StringEquals: { 'sts:ExternalId': 'an/external:id' } },
    }),
    federatedRoleArn: await createTrustingRole(service, 'Workload', { Principal: { Federated: [oidcProviderArn] } }),
    oidcProviderArn,
    oidcTokenFilePath,
    async close() {
      await service.stop()
      data.remove()
      await dns.close()
      await issuer.close()
    },
  }
}

type Printed = { accessKeyId: string; accessKeySecret: string; securityToken: string; providerName: string }

/** What the package gets on a machine with this environment alone. */
async function getCredential({ folder }: World, config: object | undefined, env: Readonly<Record<string, string>> = {}): Promise<Printed> {
  const script = join(import.meta.dirname, 'print-credential.ts')
  const { stdout } = await run(process.execPath, [script, ...(config === undefined ? [] : [JSON.stringify(config)])], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NODE_EXTRA_CA_CERTS: join(folder, 'service-root.pem'),
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
      ...env,
    },
  })
  return JSON.parse(stdout) as Printed
}

describe('the credential providers of the official package', () => {
  let world: World
  before(async () => {
    world = await setUp()
  })
  after(() => world.close())

  /** Whose key it is, by GetCallerIdentity. */
  async function whose({ accessKeyId, accessKeySecret, securityToken }: Printed): Promise<string> {
    const { status, text, body } = await callAs(
      world.service,
      { accessKeyId, secret: accessKeySecret, securityToken, expiration: '' },
      'GetCallerIdentity',
      {},
      sts,
    )
    assert.equal(status, 200, text)
    return String(body['Arn'])
  }
  const session = (): Promise<SessionKey> => assumeRole(world.service, world.user, world.roleArn, { ExternalId: 'an/external:id' })
  const sessionArn = (role: string, name: string) => `acs:ram::${world.service.accountId}:assumed-role/${role}/${name}`

  it("ram_role_arn assumes a role with a user's key, over our TLS", async () => {
    const { user, roleArn, stsEndpoint } = world
    const credential = await getCredential(world, {
      type: 'ram_role_arn',
      accessKeyId: user.accessKeyId,
      accessKeySecret: user.secret,
      roleArn,
      roleSessionName: 'by-package',
      roleSessionExpiration: 900,
      externalId: 'an/external:id',
      policy: JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
      stsEndpoint,
    })
    assert.match(credential.accessKeyId, /^STS\./)
    assert.equal(await whose(credential), sessionArn('Deployer', 'by-package'))
  })

  it('ram_role_arn tells why it was refused', async () => {
    const { user, roleArn, stsEndpoint } = world
    const config = {
      type: 'ram_role_arn',
      accessKeyId: user.accessKeyId,
      accessKeySecret: user.secret,
      roleArn,
      roleSessionName: 'xx',
      stsEndpoint,
    }
    await assert.rejects(getCredential(world, config), /NoPermission/)
  })

  it('oidc_role_arn brings the token out of its file', async () => {
    const { oidcProviderArn, oidcTokenFilePath, federatedRoleArn: roleArn, stsEndpoint } = world
    const config = { type: 'oidc_role_arn', oidcProviderArn, oidcTokenFilePath, roleArn, roleSessionName: 'a-pod', stsEndpoint }
    assert.equal(await whose(await getCredential(world, config)), sessionArn('Workload', 'a-pod'))
    const wrong = join(world.folder, 'wrong-token')
    writeFileSync(wrong, 'not.a.token')
    await assert.rejects(getCredential(world, { ...config, oidcTokenFilePath: wrong }), /AuthenticationFail\.OIDCToken\.Invalid/)
  })

  it('sts, the environment and the profile of the command line carry a session', async () => {
    const { accessKeyId, secret: accessKeySecret, securityToken } = await session()
    const own = sessionArn('Deployer', 'a-session')
    assert.equal(await whose(await getCredential(world, { type: 'sts', accessKeyId, accessKeySecret, securityToken })), own)
    const fromEnvironment = await getCredential(world, undefined, {
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
      ALIBABA_CLOUD_SECURITY_TOKEN: securityToken,
    })
    assert.deepEqual([fromEnvironment.providerName, await whose(fromEnvironment)], ['default/env', own])
    mkdirSync(join(world.folder, '.aliyun'), { recursive: true })
    const profile = {
      name: 'default',
      mode: 'StsToken',
      access_key_id: accessKeyId,
      access_key_secret: accessKeySecret,
      sts_token: securityToken,
    }
    writeFileSync(join(world.folder, '.aliyun/config.json'), JSON.stringify({ current: 'default', profiles: [profile] }))
    const fromProfile = await getCredential(world, undefined)
    assert.equal(await whose(fromProfile), own)
    assert.match(fromProfile.providerName, /^default\/cli_profile/)
  })

  it('the profile of the command line assumes a role at our endpoint', async () => {
    const { user, stsEndpoint, service, folder } = world
    const ram_role_arn = await createTrustingRole(service, 'ForProfiles', { Principal: { RAM: [`acs:ram::${service.accountId}:root`] } })
    const profile = {
      name: 'assuming',
      mode: 'RamRoleArn',
      access_key_id: user.accessKeyId,
      access_key_secret: user.secret,
      ram_role_arn,
      ram_session_name: 'by-profile',
      expired_seconds: 900,
      sts_endpoint: stsEndpoint,
    }
    mkdirSync(join(folder, '.aliyun'), { recursive: true })
    writeFileSync(join(folder, '.aliyun/config.json'), JSON.stringify({ current: 'assuming', profiles: [profile] }))
    const credential = await getCredential(world, undefined)
    assert.equal(await whose(credential), sessionArn('ForProfiles', 'by-profile'))
  })

  it("the profile file carries a user's key", async () => {
    const { accessKeyId, secret } = world.user
    const file = join(world.folder, 'credentials')
    writeFileSync(file, `[default]\ntype = access_key\naccess_key_id = ${accessKeyId}\naccess_key_secret = ${secret}\n`)
    const credential = await getCredential(world, undefined, {
      ALIBABA_CLOUD_CREDENTIALS_FILE: file,
      ALIBABA_CLOUD_CLI_PROFILE_DISABLED: 'true',
    })
    assert.deepEqual([credential.accessKeyId, credential.accessKeySecret], [accessKeyId, secret])
    assert.match(credential.providerName, /^default\/profile/)
  })

  it('credentials_uri gets what AssumeRole gave from a small server', async () => {
    const { accessKeyId, secret, securityToken, expiration } = await session()
    const answer = {
      Code: 'Success',
      AccessKeyId: accessKeyId,
      AccessKeySecret: secret,
      SecurityToken: securityToken,
      Expiration: expiration,
    }
    const server = createServer((_, res) => res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const credentialsURI = `http://127.0.0.1:${(server.address() as AddressInfo).port}/credential`
      const credential = await getCredential(world, { type: 'credentials_uri', credentialsURI })
      assert.equal(await whose(credential), sessionArn('Deployer', 'a-session'))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
