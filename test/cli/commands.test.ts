import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { accessKey } from '../emulator/call-service.ts'
import { type ServiceProcess, startServiceProcess } from '../emulator/service-process.ts'
import { makeCsr } from '../orders/make-csr.ts'
import { type Ended, runCommand } from './run-command.ts'

/** A running emulator and the environment of a user on its machine. */
let service: ServiceProcess
let work: string
let user: Record<string, string>

before(async () => {
  service = await startServiceProcess({ CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0', CHANCERY_PKI_URL: 'http://pki.example' })
  work = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  user = {
    PATH: process.env['PATH'] ?? '',
    HOME: work,
    TMPDIR: work,
    CHANCERY_DATA: service.folder,
    CHANCERY_ENDPOINT: service.http,
    CHANCERY_ADMIN_LISTEN: 'off',
    CHANCERY_HTTPS_LISTEN: 'off',
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKey.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKey.secret,
  }
})

after(async () => {
  rmSync(work, { recursive: true, force: true })
  await service[Symbol.asyncDispose]()
})

const run = (...args: string[]): Promise<Ended> => runCommand(args, user)

async function runJson(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run('--json', ...args)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as Record<string, unknown>
}

async function runWell(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args)
  assert.deepEqual([code, stderr], [0, ''])
  return stdout
}

describe('chancery order', () => {
  it('create tells what to put in place, for DNS and FILE, in words and as JSON', async () => {
    const words = await runWell('order', 'create', '--domain', 'www.example.com')
    assert.match(words, /^order \d{8,}\n/)
    const json = await runJson('order', 'create', '--domain', 'file.example.com', '--validate', 'file', '--key-algorithm', 'ECC_256')
    assert.match(String(json['OrderId']), /^\d{8,}$/)
    assert.equal(typeof json['Type'], 'string')
  })

  it('create --wait writes chain and key and prints the certificate', async () => {
    const out = join(work, 'out')
    mkdirSync(out)
    const { code, stdout, stderr } = await run(
      'order',
      'create',
      '--domain',
      'wait.example.com',
      '--wait',
      '--key-algorithm',
      'ECC_256',
      '--out',
      out,
      '--tag',
      'team=web',
      '--tag',
      'stage=test',
      '--client-token',
      'a-token',
    )
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^order \d+ is issued: certificate \d+\n/)
    const chain = readFileSync(join(out, 'wait.example.com.chain.pem'), 'utf8')
    assert.ok(new X509Certificate(chain).checkHost('wait.example.com'))
    assert.equal(statSync(join(out, 'wait.example.com.key.pem')).mode & 0o777, 0o600)
    assert.match(readFileSync(join(out, 'wait.example.com.key.pem'), 'utf8'), /^-----BEGIN EC PRIVATE KEY-----/)
    // The same again is the same order, thanks to the token.
    const again = await runJson(
      'order',
      'create',
      '--domain',
      'wait.example.com',
      '--wait',
      '--key-algorithm',
      'ECC_256',
      '--client-token',
      'a-token',
      '--tag',
      'team=web',
      '--tag',
      'stage=test',
    )
    assert.equal(String(again['OrderId']), /order (\d+)/.exec(stdout)?.[1])
    assert.equal(again['Certificate'], chain)
    assert.match(String(again['PrivateKey']), /PRIVATE KEY/)
  })

  it('show and list tell states', async () => {
    const { OrderId } = await runJson('order', 'create', '--domain', 'show.example.com', '--wait', '--key-algorithm', 'ECC_256')
    const shown = await runWell('order', 'show', String(OrderId))
    assert.match(shown, new RegExp(`^order ${String(OrderId)}\nstate {8}certificate\nlatest look`))
    assert.equal((await runJson('order', 'show', String(OrderId)))['Type'], 'certificate')
    const explained = await runWell('order', 'explain', String(OrderId))
    assert.match(explained, /^names\n {2}show\.example\.com {2}DNS {2}_dnsauth\.show\.example\.com {2}[0-9a-z]{64} {2}proven 20/m)
    assert.match(explained, /^what to do\n {2}Nothing: the certificate is issued\./m)
    const listed = await runWell('order', 'list')
    assert.match(listed, /^ORDER +STATE +DOMAIN +PRODUCT +CREATED \(UTC\)\n/)
    assert.match(listed, new RegExp(`^${String(OrderId)} +issued +show\\.example\\.com +digicert-free-1-free +20`, 'm'))
    const { Orders } = (await runJson('order', 'list', '--limit', '1')) as { Orders: { OrderId: number }[] }
    assert.deepEqual(
      Orders.map((one) => one.OrderId),
      [OrderId],
    )
  })

  it('create takes several names, and a CSR of your own', async () => {
    await runWell('plan', 'buy', 'geotrust-dv-1-starter', '5')
    const out = join(work, 'several')
    const create = ['order', 'create', '--product', 'geotrust-dv-1-starter', '--wait', '--out', out]
    const several = await run(
      ...create,
      '--key-algorithm',
      'ECC_256',
      '--domain',
      'a.example.com',
      'b.example.com',
      '--domain',
      'c.example.com',
    )
    assert.equal(several.code, 0, several.stderr)
    const leaf = new X509Certificate(readFileSync(join(out, 'a.example.com.chain.pem')))
    assert.equal(leaf.subjectAltName, 'DNS:a.example.com, DNS:b.example.com, DNS:c.example.com')
    const file = join(work, 'own.csr')
    writeFileSync(file, makeCsr('own.example.com'))
    const own = await runJson(...create, '--csr', file)
    assert.equal(own['PrivateKey'], undefined)
    assert.ok(new X509Certificate(String(own['Certificate'])).checkHost('own.example.com'))
    assert.ok(existsSync(join(out, 'own.example.com.chain.pem')))
    assert.equal(existsSync(join(out, 'own.example.com.key.pem')), false)
    writeFileSync(file, 'nonsense')
    for (const [args, message] of [
      [['--csr', file], /is no CSR with one CN/],
      [['--csr', join(work, 'missing.csr')], /the CSR cannot be read/],
    ] as const) {
      const { code, stderr } = await run('order', 'create', ...args)
      assert.equal(code, 1)
      assert.match(stderr, message)
    }
  })

  it('withdraw, submit, delete, cancel and renew', async () => {
    await using slow = await startServiceProcess({ CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '86400' })
    const there = { ...user, CHANCERY_ENDPOINT: slow.http }
    const runThere = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand(['order', ...args], there)
      return code === 0 ? stdout : stderr
    }
    const [, id = ''] = /^order (\d+)\n/.exec(await runThere('create', '--domain', 'life.example.com')) ?? []
    assert.equal(await runThere('withdraw', id), `order ${id} is withdrawn\n`)
    assert.match(
      await runThere('submit', id),
      new RegExp(`^order ${id}\nstate {8}domain_verify: publish this record in the DNS\nrecord {7}_dnsauth`),
    )
    assert.match(await runThere('delete', id), /OrderStateError/)
    await runThere('withdraw', id)
    assert.equal(await runThere('delete', id), `order ${id} is deleted\n`)
    assert.match(await runThere('cancel', id), /NotFoundOrder/)
    // The other service proves at once; its certificates are far from their end.
    const { OrderId } = await runJson('order', 'create', '--domain', 'cancel.example.com', '--wait', '--key-algorithm', 'ECC_256')
    const renewed = await run('order', 'renew', String(OrderId), '--submit')
    assert.equal(renewed.code, 1)
    assert.match(renewed.stderr, /free certificates are not renewed/)
    assert.equal(await runWell('order', 'cancel', String(OrderId)), `order ${String(OrderId)} is cancelled\n`)
  })

  it('create --wait ends with 4 when the time is over', async () => {
    await using slow = await startServiceProcess({ CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '3600' })
    const { code, stderr, stdout } = await runCommand(['order', 'create', '--domain', 'slow.example.com', '--wait', '--timeout', '0'], {
      ...user,
      CHANCERY_ENDPOINT: slow.http,
    })
    assert.equal(code, 4)
    assert.match(
      stderr,
      /publish this record in the DNS\nrecord {7}_dnsauth\.slow\.example\.com {2}TXT {2}\S+\nthe order \d+ is still waiting/,
    )
    assert.equal(stdout, '')
  })
})

describe('chancery plan', () => {
  it('buy, show and audit agree', async () => {
    const before = await runJson('plan', 'show')
    assert.match(await runWell('plan', 'buy', 'digicert-free-1-free', '7'), /^plan \d+: 7 digicert-free-1-free\n$/)
    const bought = await runJson('plan', 'buy', 'digicert-free-1-free', '1', '--client-token', 'buy-once')
    assert.deepEqual(
      (await runJson('plan', 'buy', 'digicert-free-1-free', '1', '--client-token', 'buy-once'))['PackageId'],
      bought['PackageId'],
    )
    const now = await runJson('plan', 'show', 'digicert-free-1-free')
    assert.equal(now['TotalCount'], Number(before['TotalCount']) + 8)
    assert.match(await runWell('plan', 'show'), /^digicert-free-1-free: \d+ bought, \d+ used, \d+ issued, \d+ left\n$/)
    assert.match(await runWell('plan', 'audit'), /^\d+ plans, \d+ ledger lines: everything agrees\n$/)
    assert.deepEqual((await runJson('plan', 'audit'))['differences'], [])
  })
})

describe('chancery key and ca', () => {
  it('key create makes a key that signs calls', async () => {
    const words = await runWell('key', 'create')
    const text = readFileSync(/its secret is in (\S+): /.exec(words)?.[1] ?? '', 'utf8')
    const [, id = '', secret = ''] = /^ALIBABA_CLOUD_ACCESS_KEY_ID=(\S+)\nALIBABA_CLOUD_ACCESS_KEY_SECRET=(\S+)\n$/.exec(text) ?? []
    const { code } = await runCommand(['plan', 'show'], {
      ...user,
      ALIBABA_CLOUD_ACCESS_KEY_ID: id,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
    })
    assert.equal(code, 0)
    const json = await runJson('key', 'create')
    assert.deepEqual(Object.keys(json).toSorted(), ['accessKeyId', 'accountId', 'createdAt', 'secret'])
  })

  it('ca show, root-crl and revoke tell what they did', async () => {
    const shown = await runWell('ca', 'show')
    assert.match(
      shown,
      /^root [0-9a-f]{8}\n {2}C=XX, O=Chancery, CN=EMULATOR Chancery Root [0-9A-F]{8}\n {2}valid until .*\n {2}CRL 0: number 1, /m,
    )
    assert.match(shown, /^intermediate [0-9a-f]{8}\n[^]*CRL \d+: number \d+, .*http:\/\/pki\.example\/crl\/[0-9a-f]{8}-\d+\.crl$/m)
    const { issuers } = (await runJson('ca', 'show')) as { issuers: { kind: string; pem: string }[] }
    const pem = await runWell('ca', 'show', '--pem')
    assert.equal(issuers.find(({ kind }) => kind === 'root')?.pem, pem)
    assert.ok(new X509Certificate(pem).ca)
    assert.match(await runWell('ca', 'root-crl'), /^root [0-9a-f]{8}: CRL number 2, next before 20/)
    assert.equal((await runJson('ca', 'root-crl'))['number'], 3)
    const { CertId } = await runJson('order', 'create', '--domain', 'revoked.example.com', '--wait', '--key-algorithm', 'ECC_256')
    assert.match(await runWell('ca', 'revoke', String(CertId), '--reason', 'keyCompromise'), /is revoked; the CRL follows within a minute/)
    const again = await run('ca', 'revoke', String(CertId))
    assert.equal(again.code, 1)
    assert.match(again.stderr, /revoked/i)
    const nonsense = await run('ca', 'revoke', 'abc')
    assert.equal(nonsense.code, 1)
    assert.doesNotMatch(nonsense.stderr, /\n\s+at /, 'no stack trace for what the user mistyped')
    const unknown = await run('ca', 'revoke', String(CertId), '--reason', 'boredom')
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /reason.*One of unspecified, keyCompromise/)
  })
})

describe('chancery backup and restore', () => {
  it('take a backup of the running service, refuse to put it back under it, and put it back elsewhere', async () => {
    const backup = join(work, 'backup')
    assert.match(await runWell('backup', backup, '--with-keys'), /with its keys: guard it like them\n$/)
    assert.match(await runWell('backup', join(work, 'keyless')), /without the master key: it is of no use without it\n$/)
    const under = await run('restore', backup)
    assert.equal(under.code, 1)
    assert.match(under.stderr, /a service runs on this data folder: stop it/)
    const elsewhere = join(work, 'elsewhere')
    const restored = await runCommand(['restore', backup], { ...user, CHANCERY_DATA: elsewhere })
    assert.deepEqual([restored.code, restored.stderr], [0, ''])
    assert.match(restored.stdout, /^restored: ids and CRL numbers are raised/)
    const audit = await runCommand(['plan', 'audit'], { ...user, CHANCERY_DATA: elsewhere })
    assert.match(audit.stdout, /everything agrees/)
    const over = await runCommand(['restore', backup], { ...user, CHANCERY_DATA: elsewhere })
    assert.deepEqual([over.code, /holds a database already/.test(over.stderr)], [1, true])
    const keyless = await runCommand(['restore', join(work, 'keyless')], { ...user, CHANCERY_DATA: join(work, 'third') })
    assert.equal(keyless.code, 1)
    assert.match(keyless.stderr, /^the database belongs to an installation whose master key \(id [0-9a-f]+\) is not in/)
    writeFileSync(join(work, 'third', 'master.key'), readFileSync(join(backup, 'master.key')), { mode: 0o600 })
    const finished = await runCommand(['plan', 'audit'], { ...user, CHANCERY_DATA: join(work, 'third') })
    assert.match(finished.stdout, /everything agrees/)
    assert.ok(!existsSync(join(work, 'third', 'restored-backup.json')))
    const folderless = await runCommand(['restore'], { ...user, CHANCERY_DATA: join(work, 'fourth') })
    assert.deepEqual([folderless.code, folderless.stderr], [1, 'name the folder of the backup\n'])
    const twice = await run('backup', backup)
    assert.deepEqual([twice.code, /is not empty: a backup wants a new folder/.test(twice.stderr)], [1, true])
  })

  it('leave PostgreSQL to pg_dump', async () => {
    const { code, stderr } = await runCommand(['backup', join(work, 'pg')], { ...user, DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    assert.equal(code, 1)
    assert.match(stderr, /pg_dump/)
  })
})

describe('a refused or mistaken command', () => {
  it('ends with 1 and says what the service said', async () => {
    const refused = await run('order', 'create', '--domain', 'no domain at all')
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^CreateCertificateRequest was refused: InvalidParameter: .*"Domain".*\(request [0-9A-F-]{36}\)\n$/)
    assert.equal(refused.stdout, '')
    const unknown = await run('order', 'show', '12345678')
    assert.deepEqual([unknown.code, /NotFound/.test(unknown.stderr)], [1, true])
    const wrong = await runCommand(['plan', 'show'], { ...user, ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'not-the-secret' })
    assert.deepEqual([wrong.code, /SignatureDoesNotMatch/.test(wrong.stderr)], [1, true])
  })

  it('ends with 1 when the settings are wrong, naming them', async () => {
    const { code, stderr } = await runCommand(['plan', 'show'], { ...user, CHANCERY_LOG_LEVL: 'info', CHANCERY_RSA_POOL: 'many' })
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^The configuration cannot be used:\n[^]*CHANCERY_LOG_LEVL is not a setting; the nearest known name is CHANCERY_LOG_LEVEL/,
    )
    assert.match(stderr, /CHANCERY_RSA_POOL must be/)
  })

  it('ends with 2 on wrong usage, and tells the usage', async () => {
    for (const args of [['order', 'create'], ['plan', 'buy', 'digicert-free-1-free'], ['plan', 'show', '--nonsense'], []]) {
      const { code, stderr } = await run(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(stderr, /Usage: chancery/, args.join(' '))
    }
  })

  it('ends with 3 when no service answers, and says how to reach another', async () => {
    const { code, stderr } = await runCommand(['plan', 'show'], { ...user, CHANCERY_ENDPOINT: 'http://127.0.0.1:9' })
    assert.equal(code, 3)
    assert.match(stderr, /^http:\/\/127\.0\.0\.1:9 does not answer: .*CHANCERY_ENDPOINT/)
  })
})

describe('chancery --help', () => {
  it('names every command, and each has a help of its own', async () => {
    const { code, stdout } = await run('--help')
    assert.equal(code, 0)
    for (const name of ['serve', 'order', 'plan', 'key', 'ca', 'backup', 'restore', 'doctor']) {
      assert.match(stdout, new RegExp(`^ {2}${name}\\b`, 'm'))
    }
    assert.match(stdout, /Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 the service does not answer, 4 still waiting/)
    const help = await run('order', 'create', '--help')
    assert.equal(help.code, 0)
    assert.match(help.stdout, /^Usage: chancery order create /)
  })
})
