import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { renderConfigurationReference } from '../src/cli/configuration-reference.ts'
import { ConfigurationError, loadSettings, settingGroups } from '../src/config.ts'
import type { Settings } from '../src/config.ts'

/** The lines of the refusal. */
function faultsOf(env: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  try {
    loadSettings(env, { readFile: (path) => readFrom(files, path) })
  } catch (error) {
    assert(error instanceof ConfigurationError)
    return error.lines
  }
  return assert.fail(`accepted: ${JSON.stringify(env)}`)
}

function loadWith(env: Record<string, string>, file: unknown): Settings {
  return loadSettings({ CHANCERY_CONFIG: '/c.json', ...env }, { readFile: (path) => readFrom({ '/c.json': JSON.stringify(file) }, path) })
}

function readFrom(files: Record<string, string>, path: string): string {
  const text = files[path]
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return text
}

const descriptions = settingGroups.flatMap(({ settings }) => [...settings.values()])

describe('settings without any input', () => {
  it('are the documented defaults', () => {
    const { trustedProxies, validationAllowCidrs, oidcAllowCidrs, ...plain } = loadSettings({})
    assert.deepEqual(trustedProxies.networks, [])
    assert.deepEqual(validationAllowCidrs.networks, [])
    assert.deepEqual(oidcAllowCidrs.networks, [])
    assert.deepEqual(plain, {
      data: resolve('data'),
      masterKeyFile: resolve('data/master.key'),
      writeQueue: 10_000,
      roles: ['api', 'acme', 'worker'],
      httpListen: { host: '127.0.0.1', port: 8080 },
      httpsListen: { host: '127.0.0.1', port: 8443 },
      adminListen: { host: '127.0.0.1', port: 9090 },
      publicUrl: 'https://127.0.0.1:8443',
      proofReuseDays: 200,
      callsPerSecond: 2000,
      failedCallsPerMinute: 600,
      replayCapacity: 1_000_000,
      acmeReplayCapacity: 1_500_000,
      recordDomain: 'full',
      symantecDvStarter: 'wildcard',
      refundDays: 30,
      purchase: 'tenant',
      dnsResolvers: [],
      oidcIssuers: [],
      oidcRoots: [],
      dnsTimeoutMs: 2000,
      validationHttpPort: 80,
      validationHttpsPort: 443,
      validationTlsAlpnPort: 443,
      caCountry: 'XX',
      caOrganization: 'Chancery',
      caName: 'Chancery',
      acmeEab: 'required',
      acmeOpenOrders: 1000,
      logLevel: 'info',
      emulator: false,
      emulatorProofs: '2',
      auditRetentionDays: 730,
      auditAddressDays: 90,
      keyRetentionDays: 30,
      rsaPool: 16,
      endpoint: 'http://127.0.0.1:8080',
      operatorProducts: undefined,
    })
  })

  it('are frozen, lists and listeners too', () => {
    const settings = loadSettings({ CHANCERY_DNS_RESOLVERS: '127.0.0.1', CHANCERY_TRUSTED_PROXIES: '10.0.0.0/8' })
    const { roles, httpListen, dnsResolvers, trustedProxies } = settings
    for (const part of [settings, roles, httpListen, dnsResolvers, dnsResolvers[0], trustedProxies, trustedProxies.networks]) {
      assert(Object.isFrozen(part))
    }
  })
})

describe('values of settings', () => {
  const accepted: [name: string, text: string, key: keyof Settings, value: unknown][] = [
    ['CHANCERY_DATA', '/var/lib/chancery', 'data', '/var/lib/chancery'],
    ['DATABASE_URL', 'postgres://me:secret@db:5432/chancery', 'databaseUrl', 'postgres://me:secret@db:5432/chancery'],
    ['DATABASE_URL', 'postgresql:///chancery?host=/run/postgresql', 'databaseUrl', 'postgresql:///chancery?host=/run/postgresql'],
    ['CHANCERY_HTTP_LISTEN', 'off', 'httpListen', 'off'],
    ['CHANCERY_HTTP_LISTEN', '[::1]:0', 'httpListen', { host: '::1', port: 0 }],
    ['CHANCERY_HTTP_LISTEN', ' localhost:65535 ', 'httpListen', { host: 'localhost', port: 65_535 }],
    ['CHANCERY_ROLES', 'worker, api', 'roles', ['api', 'worker']],
    ['CHANCERY_DNS_RESOLVERS', '127.0.0.1:5353', 'dnsResolvers', [{ address: '127.0.0.1', port: 5353 }]],
    [
      'CHANCERY_DNS_RESOLVERS',
      '[::1]:53,9.9.9.9',
      'dnsResolvers',
      [
        { address: '::1', port: 53 },
        { address: '9.9.9.9', port: 53 },
      ],
    ],
    [
      'CHANCERY_DNS_RESOLVERS',
      '::1, [2620:fe::fe]',
      'dnsResolvers',
      [
        { address: '::1', port: 53 },
        { address: '2620:fe::fe', port: 53 },
      ],
    ],
    ['CHANCERY_PUBLIC_URL', 'https://Ca.Example.com/', 'publicUrl', 'https://ca.example.com'],
    ['CHANCERY_PKI_URL', 'http://pki.example.com/a/', 'pkiUrl', 'http://pki.example.com/a'],
    ['CHANCERY_ENDPOINT', 'http://[::1]:8080', 'endpoint', 'http://[::1]:8080'],
    ['CHANCERY_ACME_TERMS', 'https://ca.example/terms', 'acmeTerms', 'https://ca.example/terms'],
    ['CHANCERY_ACME_WEBSITE', 'https://ca.example/', 'acmeWebsite', 'https://ca.example'],
    ['CHANCERY_ACME_CAA_IDENTITIES', 'ca.example,pki.ca.example', 'acmeCaaIdentities', 'ca.example,pki.ca.example'],
    ['CHANCERY_ACME_DEFAULT_ACCOUNT', '1234567890123456', 'acmeDefaultAccount', 1_234_567_890_123_456],
    ['CHANCERY_EMULATOR', '1', 'emulator', true],
    ['CHANCERY_EMULATOR', 'false', 'emulator', false],
    ['CHANCERY_REFUND_DAYS', '28', 'refundDays', 28],
    ['CHANCERY_SYMANTEC_DV_STARTER', 'single', 'symantecDvStarter', 'single'],
    ['CHANCERY_RECORD_DOMAIN', 'host', 'recordDomain', 'host'],
    ['CHANCERY_CA_ORGANIZATION', 'Müller & Söhne', 'caOrganization', 'Müller & Söhne'],
    ['CHANCERY_REFUND_DAYS', '', 'refundDays', 30],
    ['DATABASE_URL', ' ', 'databaseUrl', undefined],
    [
      'CHANCERY_OIDC_ISSUERS',
      'https://issuer.example/Tenant, Cluster.internal:6443, open.example:443',
      'oidcIssuers',
      ['https://issuer.example/Tenant', 'cluster.internal:6443', 'open.example'],
    ],
  ]
  for (const [name, text, key, value] of accepted) {
    it(`${name}=${text} is read`, () => assert.deepEqual(loadSettings({ [name]: text })[key], value))
  }

  const refused: [name: string, ...texts: string[]][] = [
    ['CHANCERY_DATA', 'a\0b'],
    ['DATABASE_URL', 'mysql://db', 'postgres://', 'db', 'postgres://a:b@c:port/d'],
    ['CHANCERY_ROOT_ACCESS_KEY_ID', 'a b', 'ä', 'x'.repeat(129)],
    ['CHANCERY_ROOT_ACCESS_KEY_SECRET', 'fifteen-letters', 'sixteen letters!', 'x'.repeat(257)],
    ['CHANCERY_WRITE_QUEUE', '63', '-1', '1e4', '0x100', '64.0'],
    ['CHANCERY_ROLES', 'api,admin', 'api,,worker', 'API'],
    ['CHANCERY_HTTP_LISTEN', '8080', ':8080', '127.0.0.1', '127.0.0.1:65536', '::1:8080', '[127.0.0.1]:80', 'example.com:80', 'OFF'],
    ['CHANCERY_HTTPS_LISTEN', '*:443'],
    ['CHANCERY_ADMIN_LISTEN', 'on'],
    ['CHANCERY_PUBLIC_URL', 'http://ca.example.com', 'ca.example.com', 'https://a@b', 'https://a/?q', 'https://a/#f', 'https://'],
    ['CHANCERY_PKI_URL', 'https://pki.example.com'],
    ['CHANCERY_TRUSTED_PROXIES', '10.0.0.0/33', 'fd00::/129', 'proxy', '10.0.0/8', '10.0.0.0/', 'fe80::1%lo/64'],
    ['CHANCERY_VALIDATION_ALLOW_CIDRS', '10.0.0.0/8,'],
    ['CHANCERY_CALLS_PER_SECOND', '0', 'many'],
    ['CHANCERY_REPLAY_CAPACITY', '999'],
    ['CHANCERY_ACME_REPLAY_CAPACITY', '999'],
    ['CHANCERY_RECORD_DOMAIN', 'label'],
    ['CHANCERY_SYMANTEC_DV_STARTER', 'both'],
    ['CHANCERY_REFUND_DAYS', '0', '366'],
    ['CHANCERY_DNS_RESOLVERS', 'dns.example.com', '127.0.0.1:0', '127.0.0.1:65536', '[127.0.0.1]:53'],
    ['CHANCERY_DNS_TIMEOUT_MS', '99', '30001'],
    ['CHANCERY_VALIDATION_HTTP_PORT', '0', '65536'],
    ['CHANCERY_VALIDATION_HTTPS_PORT', 'https'],
    ['CHANCERY_VALIDATION_TLS_ALPN_PORT', '-443'],
    ['CHANCERY_OIDC_ISSUERS', 'http://a.example', 'https://a.example?b', 'a.example/path', 'a b', 'me@a.example', '*', 'a.example,'],
    ['CHANCERY_OIDC_ALLOW_CIDRS', 'cluster'],
    ['CHANCERY_CA_COUNTRY', 'de', 'DEU'],
    ['CHANCERY_CA_ORGANIZATION', 'x'.repeat(65), 'a\nb'],
    ['CHANCERY_CA_NAME', 'x'.repeat(41)],
    ['CHANCERY_ACME_EAB', 'off'],
    ['CHANCERY_ACME_DEFAULT_ACCOUNT', '123', '9999999999999999', '0234567890123456'],
    ['CHANCERY_LOG_LEVEL', 'verbose'],
    ['CHANCERY_EMULATOR', 'yes'],
    ['CHANCERY_ENDPOINT', 'ftp://a'],
  ]
  for (const [name, ...texts] of refused) {
    for (const text of texts) {
      it(`${name}=${JSON.stringify(text).slice(0, 40)} is refused in one line that names the rule and not the value`, () => {
        const rule = descriptions.find((setting) => setting.name === name)?.rule ?? assert.fail()
        const [line = '', ...others] = faultsOf({ [name]: text })
        assert(line.startsWith(`${name} must be ${rule}`), line)
        assert.deepEqual(others, [])
      })
    }
  }

  it('are all reported at once, each bad entry of a list by its place', () => {
    assert.deepEqual(faultsOf({ CHANCERY_LOG_LEVEL: 'x', CHANCERY_ROLES: 'api,x,worker,y', CHANCERY_CA_COUNTRY: 'x' }), [
      'CHANCERY_ROLES must be a comma list of `api`, `acme`, `worker`; entry 2 is not.',
      'CHANCERY_ROLES must be a comma list of `api`, `acme`, `worker`; entry 4 is not.',
      'CHANCERY_CA_COUNTRY must be two capital letters.',
      'CHANCERY_LOG_LEVEL must be one of `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `silent`.',
    ])
  })

  it('never show in a refusal, whichever setting they landed in', () => {
    const secret = 'S3cr3t\0Value'
    for (const { name } of descriptions) {
      const { message } = new ConfigurationError(faultsOf({ [name]: secret }))
      assert.doesNotMatch(message, /S3cr3t/, name)
    }
  })
})

describe('network lists', () => {
  const { validationAllowCidrs: list } = loadSettings({ CHANCERY_VALIDATION_ALLOW_CIDRS: '10.0.0.0/8, 192.0.2.7,fd00::/8,::1/128' })

  it('contain the addresses of their networks, also mapped into IPv6', () => {
    for (const address of ['10.0.0.0', '10.255.255.255', '192.0.2.7', 'fd12::1', '::1', '::ffff:10.1.2.3', '::ffff:a01:203']) {
      assert.equal(list.contains(address), true, address)
    }
  })

  it('do not contain anything else', () => {
    for (const address of ['11.0.0.0', '192.0.2.8', 'fe80::1', '::2', '::ffff:11.0.0.1', '', 'localhost', '10.0.0.1/8', '10.1']) {
      assert.equal(list.contains(address), false, address)
    }
  })

  it('keep the text of their networks', () => assert.deepEqual(list.networks, ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1/128']))
})

describe('settings that depend on others', () => {
  it('prove every order anew in emulator mode, unless told otherwise', () => {
    assert.equal(loadSettings({ CHANCERY_EMULATOR: '1' }).proofReuseDays, 0)
    assert.equal(loadSettings({ CHANCERY_EMULATOR: '1', CHANCERY_PROOF_REUSE_DAYS: '30' }).proofReuseDays, 30)
    assert.equal(loadSettings({ CHANCERY_PROOF_REUSE_DAYS: '0' }).proofReuseDays, 0)
  })

  it('the master key lies in the data folder unless it is named', () => {
    assert.equal(loadSettings({ CHANCERY_DATA: '/d' }).masterKeyFile, '/d/master.key')
    assert.equal(loadSettings({ CHANCERY_DATA: '/d', CHANCERY_MASTER_KEY_FILE: '/k' }).masterKeyFile, '/k')
  })

  it('the command line calls the HTTP listener, on the loopback if it listens everywhere, else the HTTPS one', () => {
    assert.equal(loadSettings({ CHANCERY_HTTP_LISTEN: '0.0.0.0:80' }).endpoint, 'http://127.0.0.1:80')
    assert.equal(loadSettings({ CHANCERY_HTTP_LISTEN: '[::]:80' }).endpoint, 'http://[::1]:80')
    assert.equal(loadSettings({ CHANCERY_HTTP_LISTEN: 'off' }).endpoint, 'https://127.0.0.1:8443')
    assert.equal(loadSettings({ CHANCERY_HTTP_LISTEN: '127.0.0.1:0', CHANCERY_HTTPS_LISTEN: 'off' }).endpoint, undefined)
  })

  it('the public URL is unknown while the HTTPS listener has no fixed port', () => {
    assert.equal(loadSettings({ CHANCERY_HTTPS_LISTEN: '127.0.0.1:0' }).publicUrl, undefined)
    assert.equal(loadSettings({ CHANCERY_HTTPS_LISTEN: 'off', CHANCERY_PUBLIC_URL: 'https://a' }).publicUrl, 'https://a')
  })

  const pairs: [Record<string, string>, RegExp][] = [
    [{ CHANCERY_ROOT_ACCESS_KEY_ID: 'id' }, /^CHANCERY_ROOT_ACCESS_KEY_ID and CHANCERY_ROOT_ACCESS_KEY_SECRET must be given together/],
    [{ CHANCERY_ROOT_ACCESS_KEY_SECRET: 'x'.repeat(16) }, /CHANCERY_ROOT_ACCESS_KEY_SECRET must be given together/],
    [{ CHANCERY_MASTER_KEY_NEXT: `${'A'.repeat(43)}=` }, /^CHANCERY_MASTER_KEY_NEXT goes with CHANCERY_MASTER_KEY/],
    [{ CHANCERY_TLS_CERT_FILE: 'c.pem' }, /^CHANCERY_TLS_CERT_FILE and CHANCERY_TLS_KEY_FILE must be given together/],
    [{ CHANCERY_TLS_KEY_FILE: 'k.pem' }, /CHANCERY_TLS_KEY_FILE must be given together/],
    [{ CHANCERY_ACME_EAB: 'optional' }, /^CHANCERY_ACME_EAB may be `optional` only together with CHANCERY_ACME_DEFAULT_ACCOUNT/],
    [{ CHANCERY_EMULATOR: '1', CHANCERY_HTTP_LISTEN: '0.0.0.0:80' }, /^CHANCERY_EMULATOR allows loopback listeners only/],
    [{ CHANCERY_EMULATOR: '1', CHANCERY_ADMIN_LISTEN: '[::]:80' }, /^CHANCERY_EMULATOR allows loopback listeners only/],
  ]
  for (const [env, line] of pairs) {
    it(`${Object.keys(env).join(' and ')} need more than themselves`, () => {
      const lines = faultsOf(env)
      assert.equal(lines.length, 1)
      assert.match(lines[0] ?? '', line)
    })
  }

  it('pairs that are complete are accepted', () => {
    const settings = loadSettings({
      CHANCERY_ROOT_ACCESS_KEY_ID: 'LTAI.example_1-2',
      CHANCERY_ROOT_ACCESS_KEY_SECRET: 'sixteen-letters!',
      CHANCERY_TLS_CERT_FILE: '/c.pem',
      CHANCERY_TLS_KEY_FILE: '/k.pem',
      CHANCERY_ACME_EAB: 'optional',
      CHANCERY_ACME_DEFAULT_ACCOUNT: '1234567890123456',
      CHANCERY_EMULATOR: '1',
      CHANCERY_HTTP_LISTEN: 'localhost:80',
      CHANCERY_HTTPS_LISTEN: '[::1]:443',
    })
    assert.equal(settings.rootAccessKeySecret, 'sixteen-letters!')
    assert.equal(settings.tlsKeyFile, '/k.pem')
  })
})

describe('names of settings', () => {
  it('that are not known are refused with the nearest known name', () => {
    assert.deepEqual(faultsOf({ CHANCERY_ROLE: 'api', CHANCERY_HTTP_LISTENER: 'off', CHANCERY_CONFG: 'x', PATH: '/bin' }), [
      'CHANCERY_ROLE is not a setting; the nearest known name is CHANCERY_ROLES.',
      'CHANCERY_HTTP_LISTENER is not a setting; the nearest known name is CHANCERY_HTTP_LISTEN.',
      'CHANCERY_CONFG is not a setting; the nearest known name is CHANCERY_CONFIG.',
    ])
  })

  it('of other programs are ignored', () => {
    const names = ['PATH', 'chancery_roles', 'DATABASE_URLS', '__proto__', 'constructor']
    assert.equal(loadSettings(Object.fromEntries(names.map((name) => [name, 'x']))).refundDays, 30)
  })

  it('are unique and described', () => {
    assert.equal(new Set(descriptions.map(({ name }) => name)).size, descriptions.length)
    for (const { name, description } of descriptions) assert.match(description, /^[A-Z].*\.$/, name)
  })
})

describe('the configuration file', () => {
  it('gives texts, numbers, switches and lists under names in lower case', () => {
    const settings = loadWith(
      {},
      {
        database_url: 'postgres://db/x',
        chancery_refund_days: 28,
        chancery_emulator: true,
        chancery_roles: ['worker'],
        chancery_dns_resolvers: '127.0.0.1',
        chancery_pki_url: '',
        chancery_validation_allow_cidrs: [],
      },
    )
    assert.equal(settings.databaseUrl, 'postgres://db/x')
    assert.equal(settings.refundDays, 28)
    assert.equal(settings.emulator, true)
    assert.deepEqual(settings.roles, ['worker'])
    assert.deepEqual(settings.dnsResolvers, [{ address: '127.0.0.1', port: 53 }])
    assert.equal(settings.pkiUrl, undefined)
  })

  it('gives way to the environment, except to empty variables', () => {
    const file = { chancery_refund_days: 28, chancery_log_level: 'warn' }
    const settings = loadWith({ CHANCERY_REFUND_DAYS: '7', CHANCERY_LOG_LEVEL: '' }, file)
    assert.equal(settings.refundDays, 7)
    assert.equal(settings.logLevel, 'warn')
  })

  const faulty: [text: string, lines: string[]][] = [
    ['{"chancery_role":"api"}', ['/c.json: chancery_role is not a setting; the nearest known name is chancery_roles.']],
    ['{"CHANCERY_ROLES":"api"}', ['/c.json: CHANCERY_ROLES is not a setting: docs/configuration.md lists them all.']],
    ['{"chancery_config":"x"}', ['/c.json: chancery_config is not a setting: docs/configuration.md lists them all.']],
    ['{"__proto__":"x\\n"}', ['/c.json: __proto__ is not a setting: docs/configuration.md lists them all.']],
    ['{"chancery_data":{"a":1}}', ['/c.json: chancery_data must be a text, a number, true, false or a list of texts.']],
    ['{"chancery_roles":["api",1]}', ['/c.json: chancery_roles must be a text, a number, true, false or a list of texts.']],
    ['{"chancery_refund_days":null}', ['/c.json: chancery_refund_days must be a text, a number, true, false or a list of texts.']],
    ['{"chancery_refund_days":0}', ['/c.json: chancery_refund_days must be a whole number from 1 to 365.']],
    ['[]', ['CHANCERY_CONFIG: /c.json must hold one JSON object of settings.']],
    ['{"database_url":"secret"', ['CHANCERY_CONFIG: /c.json is not valid JSON.']],
  ]
  for (const [text, lines] of faulty) {
    it(`${text} is refused, naming the file`, () => {
      const shown = faultsOf({ CHANCERY_CONFIG: '/c.json' }, { '/c.json': text })
      assert.deepEqual(shown.map(withoutNearest), lines.map(withoutNearest))
    })
  }

  it('of roots for issuers is refused if it holds none, or is missing', () => {
    const roots = '/roots.pem'
    const faults = (text?: string) => faultsOf({ CHANCERY_OIDC_CA_FILE: roots }, text === undefined ? {} : { [roots]: text })
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    for (const text of ['', 'no PEM', broken]) {
      assert.deepEqual(faults(text), [`CHANCERY_OIDC_CA_FILE: ${roots} must hold certificates in PEM form.`])
    }
    assert.deepEqual(faults(), [`CHANCERY_OIDC_CA_FILE: cannot read ${roots} (ENOENT).`])
  })

  it('that is missing is refused', () => {
    assert.deepEqual(faultsOf({ CHANCERY_CONFIG: '/none.json' }), ['CHANCERY_CONFIG: cannot read /none.json (ENOENT).'])
  })

  it('and the file of products are read from the disk', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-config-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [config, products] = [join(folder, 'config.json'), join(folder, 'products.json')]
    writeFileSync(products, '[{"code":"own"}]')
    writeFileSync(config, JSON.stringify({ chancery_products_file: products }))
    assert.deepEqual(loadSettings({ CHANCERY_CONFIG: config }).operatorProducts, [{ code: 'own' }])
    writeFileSync(products, '[')
    assert.throws(() => loadSettings({ CHANCERY_CONFIG: config }), { message: `CHANCERY_PRODUCTS_FILE: ${products} is not valid JSON.` })
  })
})

/** Where nothing is near, the suggestion is anyone's guess; only that there is one matters. */
function withoutNearest(line: string): string {
  return line.replace(/(nearest known name is) \w+/, '$1')
}

it('docs/configuration.md is what the schema of settings renders', () => {
  const stored = readFileSync(join(import.meta.dirname, '../docs/configuration.md'), 'utf8')
  assert.equal(
    stored,
    renderConfigurationReference(),
    'docs/configuration.md is stale: write the text of renderConfigurationReference() into it',
  )
  for (const { name } of descriptions) assert(stored.includes(`| \`${name}\` |`), name)
})
