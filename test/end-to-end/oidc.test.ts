import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import Sts from '@alicloud/sts20150401'
import { $OpenApiUtil } from '@alicloud/openapi-core'
import { exportSPKI, importJWK } from 'jose'
import { startDnsServer } from '../../demo/dns-server.ts'
import { forge, type IssuerKey, startIssuer, type TestIssuer } from '../support/issuer.ts'
import { callAs, createTrustingRole, readSessionKey } from '../support/sessions.ts'
import { itOnBothEngines, type TestData, type TestService, withService } from '../support/service.ts'
import { ims, outcomeOf, sts } from '../support/tenants.ts'

interface Federation {
  readonly service: TestService
  readonly issuer: TestIssuer
  readonly key: IssuerKey
  readonly providerArn: string
  readonly roleArn: string
  /** The outcome of AssumeRoleWithOIDC with this token. */
  try(token: string, parameters?: Readonly<Record<string, string>>): Promise<string>
  /** The message of a refusal. */
  messageOf(token: string): Promise<string>
}

/** A service that trusts an issuer, with a provider and a role for a service account of it. */
async function withFederation(
  data: TestData,
  use: (federation: Federation) => Promise<void>,
  { env = {}, provider = {} }: { env?: Record<string, string>; provider?: Record<string, string> } = {},
): Promise<void> {
  const issuer = await startIssuer()
  const dns = await startDnsServer()
  dns.setAddresses('localhost', ['127.0.0.1'])
  const roots = join(data.folder, 'issuer-roots.pem')
  writeFileSync(roots, issuer.root.pem)
  const settings = {
    CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
    CHANCERY_OIDC_ISSUERS: issuer.url,
    CHANCERY_OIDC_ALLOW_CIDRS: '127.0.0.0/8',
    CHANCERY_OIDC_CA_FILE: roots,
    ...env,
  }
  try {
    await withService(
      data,
      async (service) => {
        const key = await issuer.createKey('key-1')
        const made = await service.succeed(
          'CreateOIDCProvider',
          { OIDCProviderName: 'Cluster', IssuerUrl: issuer.url, ClientIds: 'sts.example,other.example', ...provider },
          ims,
        )
        const providerArn = String((made['OIDCProvider'] as Readonly<Record<string, unknown>>)['Arn'])
        const roleArn = await createTrustingRole(service, 'Workload', {
          Principal: { Federated: [providerArn] },
          Condition: {
            StringEquals: { 'oidc:iss': issuer.url, 'oidc:aud': 'sts.example' },
            StringLike: { 'oidc:sub': 'system:serviceaccount:default:*' },
          },
        })
        const ask = (token: string, parameters: Readonly<Record<string, string>> = {}) =>
          callWithOidc(service, { OIDCProviderArn: providerArn, RoleArn: roleArn, OIDCToken: token, ...parameters })
        await use({
          service,
          issuer,
          key,
          providerArn,
          roleArn,
          try: async (token, parameters) => outcomeOf(await ask(token, parameters)),
          messageOf: async (token) => String((await ask(token)).body['Message']),
        })
      },
      settings,
    )
  } finally {
    await issuer.close()
    await dns.close()
  }
}

/** As the official credential providers send it: no signature, no nonce. */
async function callWithOidc(service: TestService, parameters: Readonly<Record<string, string>>) {
  const query = new URLSearchParams({
    Action: 'AssumeRoleWithOIDC',
    Version: '2015-04-01',
    Format: 'JSON',
    Timestamp: '2026-01-01T00:00:00Z',
  })
  const answer = await fetch(`${service.addresses.http}/?${query.toString()}`, {
    method: 'POST',
    body: new URLSearchParams({ RoleSessionName: 'a-pod', ...parameters }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: {}, text, body: JSON.parse(text) as Readonly<Record<string, unknown>> }
}

const code = (name: string) => `401 AuthenticationFail.${name}`

describe('AssumeRoleWithOIDC', { concurrency: 2 }, () => {
  itOnBothEngines('gives the official client a session for a right token, on record with who it was', async (data) => {
    await withFederation(data, async ({ service, key, providerArn, roleArn, issuer }) => {
      const config = new $OpenApiUtil.Config({ endpoint: new URL(service.addresses.http ?? '').host, protocol: 'http' })
      const { body } = await new Sts.default(config).assumeRoleWithOIDC(
        new Sts.AssumeRoleWithOIDCRequest({
          OIDCProviderArn: providerArn,
          roleArn,
          OIDCToken: await key.sign({ aud: ['sts.example', 'somebody.else'] }),
          roleSessionName: 'a-pod',
          durationSeconds: 900,
        }),
      )
      const { OIDCTokenInfo: info, credentials, assumedRoleUser } = body ?? {}
      assert.deepEqual(
        [info?.subject, info?.issuer, info?.clientIds, info?.verificationInfo],
        ['system:serviceaccount:default:deployer', issuer.url, 'sts.example,somebody.else', 'Success'],
      )
      assert.match(info?.expirationTime ?? '', /Z$/)
      assert.equal(assumedRoleUser?.arn, `${roleArn}/a-pod`)
      const session = readSessionKey({
        status: 200,
        headers: {},
        text: '',
        body: {
          Credentials: {
            AccessKeyId: credentials?.accessKeyId,
            AccessKeySecret: credentials?.accessKeySecret,
            SecurityToken: credentials?.securityToken,
            Expiration: credentials?.expiration,
          },
        },
      })
      const me = await callAs(service, session, 'GetCallerIdentity', {}, sts)
      assert.equal(me.body['IdentityType'], 'AssumedRoleUser')
      const event = await service.services.db.read
        .selectFrom('events')
        .selectAll()
        .where('kind', '=', 'session.started')
        .executeTakeFirstOrThrow()
      const detail = JSON.parse(event.detail) as Readonly<Record<string, string>>
      assert.deepEqual([event.principal, detail['oidcSubject']], [providerArn, 'system:serviceaccount:default:deployer'])
    })
  })

  itOnBothEngines('refuses every token that is not of the issuer, for us and in force', async (data) => {
    await withFederation(data, async ({ issuer, key, providerArn, try: attempt }) => {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer.url, aud: 'sts.example', sub: 'system:serviceaccount:default:x', iat: now, exp: now + 600 }
      // What can be seen without keys makes nobody fetch any.
      assert.equal(await attempt(''), code('OIDCToken.Invalid'))
      assert.equal(await attempt('not.a.token'), code('OIDCToken.Invalid'))
      assert.equal(await attempt('x'.repeat(20_001)), code('OIDCToken.Invalid'))
      assert.equal(await attempt(forge({ alg: 'none' }, claims, () => '')), code('OIDCToken.Invalid'))
      assert.equal(await attempt(forge({ alg: 'NONE', kid: 'key-1' }, claims, () => '')), code('OIDCToken.Invalid'))
      const pem = await exportSPKI((await importJWK(key.jwk, 'RS256', { extractable: true })) as CryptoKey)
      const hmac = (input: string) => createHmac('sha256', pem).update(input).digest('base64url')
      assert.equal(await attempt(forge({ alg: 'HS256', kid: 'key-1' }, claims, hmac)), code('OIDCToken.Invalid'))
      assert.equal(await attempt(await key.sign({ iss: 'https://issuer.example' })), code('OIDCToken.IssuerNotMatch'))
      assert.equal(await attempt(await key.sign({ iss: `${issuer.url}/` })), code('OIDCToken.IssuerNotMatch'))
      assert.deepEqual(issuer.asked, [])

      assert.equal(await attempt(await key.sign()), 'OK')
      assert.equal(await attempt(await key.sign({ aud: 'another.example' })), code('OIDCToken.AudienceNotMatch'))
      assert.equal(await attempt(await key.sign({ aud: undefined })), code('OIDCToken.AudienceNotMatch'))
      assert.equal(await attempt(await key.sign({ iat: now - 700, exp: now - 120 })), code('OIDCToken.Expired'))
      assert.equal(await attempt(await key.sign({ iat: now - 13 * 3600 })), code('OIDCToken.Expired'))
      for (const wrong of [
        { exp: undefined },
        { iat: undefined },
        { sub: undefined },
        { sub: 7 },
        { iat: now + 900 },
        { nbf: now + 900 },
      ]) {
        assert.equal(await attempt(await key.sign(wrong)), code('OIDCToken.Invalid'), JSON.stringify(wrong))
      }
      // A key of nobody, one that claims to be the issuer's, and the issuer's under another's name.
      const stranger = await issuer.createKey('key-1', { publish: false })
      assert.equal(await attempt(await stranger.sign()), code('OIDCToken.InvalidSignature'))
      const second = await issuer.createKey('key-2', { alg: 'ES256' })
      assert.equal(await attempt(await key.sign({}, { kid: 'key-2' })), code('OIDCToken.InvalidSignature'))
      assert.equal(
        await attempt(forge({ alg: 'RS256', kid: 'key-1', jwk: stranger.jwk }, claims, () => 'AAAA')),
        code('OIDCToken.InvalidSignature'),
      )
      assert.ok(second.jwk.crv === 'P-256')

      // Trust: by the claims, by the provider, by the role, and by the account.
      assert.equal(await attempt(await key.sign({ sub: 'system:serviceaccount:other:x' })), code('NoPermission'))
      assert.equal(await attempt(await key.sign({ aud: 'other.example' })), code('NoPermission'))
      const token = await key.sign()
      assert.equal(await attempt(token, { RoleArn: providerArn.replace('oidc-provider/Cluster', 'role/NoSuchRole') }), code('NoPermission'))
      assert.equal(await attempt(token, { OIDCProviderArn: providerArn.replace('Cluster', 'NoSuch') }), code('NoPermission'))
      assert.equal(await attempt(token, { OIDCProviderArn: 'nonsense' }), '400 InvalidParameter.OIDCProviderArn')
      assert.equal(await attempt(token, { DurationSeconds: '3601' }), '400 InvalidParameter.DurationSeconds')
      assert.equal(await attempt(token, { Policy: '{}' }), '400 InvalidParameter.PolicyGrammar')
    })
  })

  itOnBothEngines('takes tokens of every algorithm that it names, also where several keys could be meant', async (data) => {
    await withFederation(data, async ({ issuer, try: attempt }) => {
      const keys: IssuerKey[] = []
      for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
        keys.push(await issuer.createKey(alg, { alg }), await issuer.createKey(`${alg}-other`, { alg }))
      }
      for (const jwk of issuer.published) delete jwk.kid
      for (const key of keys) assert.equal(await attempt(await key.sign({}, { kid: undefined })), 'OK', String(key.jwk.alg))
      const stranger = await issuer.createKey('none', { alg: 'RS256', publish: false })
      assert.equal(await attempt(await stranger.sign({}, { kid: undefined })), code('OIDCToken.InvalidSignature'))
    })
  })

  itOnBothEngines('follows a change of keys, and looks for an unknown one at most once a minute', async (data) => {
    await withFederation(data, async ({ issuer, key, try: attempt }) => {
      // Many at once: one fetch.
      const tokens = await Promise.all(Array.from({ length: 5 }, () => key.sign()))
      assert.deepEqual(new Set(await Promise.all(tokens.map((token) => attempt(token)))), new Set(['OK']))
      assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys'])
      const next = await issuer.createKey('key-2')
      // The keys were fetched just now: a stranger's key id does not make us ask again so soon.
      assert.equal(await attempt(await next.sign()), code('OIDCToken.InvalidSignature'))
      assert.equal(issuer.asked.length, 2)
    })
  })

  itOnBothEngines('pins the certificates of the issuer where the provider has fingerprints', async (data) => {
    await withFederation(
      data,
      async ({ service, issuer, key, try: attempt }) => {
        const change = (action: string, Fingerprint: string) => service.succeed(action, { OIDCProviderName: 'Cluster', Fingerprint }, ims)
        assert.equal(await attempt(await key.sign()), code('OIDCToken.PublicKeyFingerprintMismatch'))
        await change('AddFingerprintToOIDCProvider', issuer.root.sha1.toUpperCase())
        assert.equal(await attempt(await key.sign()), 'OK')
        await change('RemoveFingerprintFromOIDCProvider', issuer.root.sha1.toUpperCase())
        assert.equal(await attempt(await key.sign()), code('OIDCToken.PublicKeyFingerprintMismatch'))
      },
      { provider: { Fingerprints: '902ef2deeb3c5b13ea4c3d5193629309e231ae55' } },
    )
  })
})

describe('the keys of an issuer', { concurrency: 2 }, () => {
  itOnBothEngines('are not fetched unless the operator allows the issuer', async (data) => {
    await withFederation(
      data,
      async ({ issuer, key, messageOf }) => {
        assert.match(await messageOf(await key.sign()), /CHANCERY_OIDC_ISSUERS does not allow this issuer/)
        assert.deepEqual(issuer.asked, [])
      },
      { env: { CHANCERY_OIDC_ISSUERS: 'issuer.example' } },
    )
  })

  itOnBothEngines('are not fetched from an address inside, unless the operator allows its network', async (data) => {
    await withFederation(
      data,
      async ({ issuer, key, messageOf }) => {
        assert.match(await messageOf(await key.sign()), /CHANCERY_OIDC_ALLOW_CIDRS does not allow/)
        assert.deepEqual(issuer.asked, [])
      },
      { env: { CHANCERY_OIDC_ALLOW_CIDRS: '192.0.2.0/24' } },
    )
  })

  itOnBothEngines('are not taken over a certificate that leads to no root', async (data) => {
    const other = await startIssuer()
    const roots = join(data.folder, 'other-roots.pem')
    writeFileSync(roots, other.root.pem)
    try {
      await withFederation(
        data,
        async ({ issuer, key, try: attempt }) => {
          assert.equal(await attempt(await key.sign()), code('OIDCToken.HttpsUrlInvalid'))
          assert.deepEqual(issuer.asked, [])
        },
        { env: { CHANCERY_OIDC_CA_FILE: roots } },
      )
    } finally {
      await other.close()
    }
  })

  for (const [title, answer, said] of faultyIssuers()) {
    itOnBothEngines(`are not taken from an issuer that ${title}`, async (data) => {
      await withFederation(data, async ({ issuer, key, messageOf, try: attempt }) => {
        issuer.answer = (req) => (req.url === '/.well-known/openid-configuration' ? answer(issuer) : undefined)
        assert.equal(await attempt(await key.sign()), code('OIDCToken.IssuerConfigurationBroken'))
        assert.match(await messageOf(await key.sign()), said)
        // The failure is remembered for a moment: nobody makes us knock again and again.
        assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration'])
      })
    })
  }
})

type Fault = [
  title: string,
  answer: (issuer: TestIssuer) => { status: number; headers?: Record<string, string>; body: string },
  said: RegExp,
]

function faultyIssuers(): Fault[] {
  const json = (body: object) => ({ status: 200, body: JSON.stringify(body) })
  return [
    ['redirects', ({ url }) => ({ status: 302, headers: { Location: `${url}/elsewhere` }, body: '' }), /no usable answer/],
    ['names another issuer', ({ url }) => json({ issuer: `${url}/x`, jwks_uri: `${url}/keys` }), /of another issuer/],
    [
      'keeps its keys on a foreign host',
      ({ url }) => json({ issuer: url, jwks_uri: 'https://169.254.169.254/keys' }),
      /CHANCERY_OIDC_ISSUERS/,
    ],
    ['keeps its keys without TLS', ({ url }) => json({ issuer: url, jwks_uri: url.replace('https', 'http') }), /CHANCERY_OIDC_ISSUERS/],
    ['says too much', () => ({ status: 200, body: `"${'x'.repeat(300_000)}"` }), /no usable answer/],
    ['says nothing that is JSON', () => ({ status: 200, body: '<html>' }), /no usable answer/],
  ]
}
