import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startDnsServer } from '../../demo/dns-server.ts'
import { examine, type Finding } from '../../src/cli/doctor.ts'
import type { RunAdminCommand } from '../../src/cli/run-admin-command.ts'
import { loadSettings } from '../../src/config.ts'
import type { DatabaseCheck } from '../../src/installation/check-database.ts'
import { DatabaseUnusableError } from '../../src/storage/errors.ts'
import { startServiceProcess } from '../emulator/service-process.ts'
import { replyTo, startScriptedResolver, txt } from '../validation/scripted-resolver.ts'
import { runCommand } from './run-command.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A port of the loopback on which nobody listens. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

const sound: DatabaseCheck = {
  engine: 'postgres',
  clockDifferenceMs: 3,
  newestEventAt: 1_000_000,
  now: 1_000_500,
  planDifferences: 0,
  orderFaults: 0,
  pkiUrl: 'http://pki.example',
  rootCrlEndsAt: 1_000_500 + 100 * 86_400_000,
}

interface Machine {
  readonly env?: Readonly<Record<string, string>>
  readonly check?: Partial<DatabaseCheck>
  readonly local?: RunAdminCommand
}

/** What the doctor says of a machine that is sound but for what is given. The database is not really asked. */
async function look(t: TestContext, { env = {}, check = {}, local }: Machine = {}): Promise<Finding[]> {
  const dns = await startDnsServer()
  try {
    const settings = loadSettings({
      CHANCERY_DATA: newFolder(t),
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      CHANCERY_HTTP_LISTEN: 'off',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: 'off',
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_DNS_TIMEOUT_MS: '300',
      ...env,
    })
    return await examine(settings, local ?? (() => Promise.resolve({ ...sound, ...check })))
  } finally {
    await dns.close()
  }
}

function of(findings: readonly Finding[], subject: string): Finding {
  return findings.find((finding) => finding.subject === subject) ?? assert.fail(`nothing is said of ${subject}`)
}

describe('the doctor', () => {
  it('finds nothing bad on a sound machine', async (t) => {
    const findings = await look(t)
    assert.deepEqual(
      findings.filter(({ grade }) => grade === 'bad'),
      [],
    )
    assert.deepEqual(of(findings, 'quota'), { grade: 'good', subject: 'quota', message: 'all counters agree with the ledger' })
    assert.equal(of(findings, 'clock').grade, 'good')
  })

  it('finds a data folder that others can reach, and says what to type', async (t) => {
    const folder = newFolder(t)
    for (const mode of [0o755, 0o770, 0o701]) {
      chmodSync(folder, mode)
      const { grade, message } = of(await look(t, { env: { CHANCERY_DATA: folder } }), 'data')
      assert.deepEqual([grade, message.endsWith(`chmod 700 ${folder}`)], ['bad', true])
    }
    chmodSync(folder, 0o700)
    assert.equal(of(await look(t, { env: { CHANCERY_DATA: folder } }), 'data').grade, 'good')
  })

  it('finds a clock that differs from the database or was set back', async (t) => {
    assert.match(of(await look(t, { check: { clockDifferenceMs: -6_000 } }), 'clock').message, /-6\.0 s away from the database.*NTP/)
    assert.equal(of(await look(t, { check: { clockDifferenceMs: 4_900 } }), 'clock').grade, 'good')
    const { grade, message } = of(await look(t, { check: { newestEventAt: 1_060_500 } }), 'clock')
    assert.deepEqual([grade, message], ['bad', 'it was set back: the newest event lies 60 s ahead'])
  })

  it('finds counters that differ from the ledger, and a database that cannot be used', async (t) => {
    const quota = of(await look(t, { check: { planDifferences: 1 } }), 'quota')
    assert.deepEqual([quota.grade, /chancery plan audit/.test(quota.message)], ['bad', true])
    assert.equal(of(await look(t, { check: { orderFaults: 1 } }), 'quota').grade, 'bad')
    const broken = await look(t, { local: () => Promise.reject(new DatabaseUnusableError('the schema is newer')) })
    assert.deepEqual(of(broken, 'database'), { grade: 'bad', subject: 'database', message: 'the schema is newer' })
  })

  it('notes that certificates name no CRL', async (t) => {
    const { grade, message } = of(await look(t, { check: { pkiUrl: undefined } }), 'CRL')
    assert.deepEqual([grade, message.startsWith('CHANCERY_PKI_URL was not set')], ['note', true])
  })

  it('finds a resolver that does not answer, and names the setting', async (t) => {
    const { grade, message } = of(await look(t, { env: { CHANCERY_DNS_RESOLVERS: `127.0.0.1:${await freePort()}` } }), 'resolver')
    assert.deepEqual([grade, /does not answer: see CHANCERY_DNS_RESOLVERS/.test(message)], ['bad', true])
  })

  it('tells a validating resolver from another one', async (t) => {
    assert.match(of(await look(t), 'resolver').message, /answers; it does not validate DNSSEC/)
    const authenticData = 1 << 5
    await using validating = await startScriptedResolver((asked) =>
      asked.send(replyTo(asked, { flags: authenticData, answers: [txt('com', 'x')] })),
    )
    const env = { CHANCERY_DNS_RESOLVERS: `127.0.0.1:${validating.resolver.port}` }
    assert.deepEqual(of(await look(t, { env }), 'resolver').grade, 'good')
  })

  it('finds a port that another program holds, and one on which nothing runs', async (t) => {
    const other = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      // Without reading, the end of the connection is never seen.
      socket.resume()
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nother')
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      const busy = of(await look(t, { env: { CHANCERY_HTTP_LISTEN: `127.0.0.1:${port}` } }), 'HTTP')
      assert.deepEqual(busy, {
        grade: 'bad',
        subject: 'HTTP',
        message: `another program listens on 127.0.0.1:${port}: choose another address`,
      })
    } finally {
      other.close()
      await once(other, 'close')
    }
    const idle = of(await look(t, { env: { CHANCERY_ADMIN_LISTEN: `127.0.0.1:${port}` } }), 'admin')
    assert.deepEqual([idle.grade, /the service is not running/.test(idle.message)], ['note', true])
    const foreign = of(await look(t, { env: { CHANCERY_HTTP_LISTEN: '192.0.2.1:80' } }), 'HTTP')
    assert.deepEqual([foreign.grade, /cannot be listened on \(EADDRNOTAVAIL\)/.test(foreign.message)], ['bad', true])
  })

  it('as a command ends with 0 beside a running service, with 1 once something is bad, and knows a stopped one', async () => {
    const port = await freePort()
    await using dns = { ...(await startDnsServer()), [Symbol.asyncDispose]: () => dns.close() }
    const env = { CHANCERY_HTTP_LISTEN: `127.0.0.1:${port}`, CHANCERY_ADMIN_LISTEN: 'off', CHANCERY_DNS_RESOLVERS: `127.0.0.1:${dns.port}` }
    await using service = await startServiceProcess(env)
    const user = {
      ...env,
      PATH: process.env['PATH'] ?? '',
      HOME: service.folder,
      CHANCERY_DATA: service.folder,
      CHANCERY_HTTPS_LISTEN: 'off',
    }
    const well = await runCommand(['doctor'], user)
    assert.deepEqual([well.code, well.stderr], [0, ''])
    assert.match(well.stdout, new RegExp(`^✓ HTTP +the service answers on 127\\.0\\.0\\.1:${port}$`, 'm'))
    assert.match(well.stdout, /^✓ database +sqlite answers, and the master key fits$/m)
    chmodSync(join(service.folder, 'master.key'), 0o644)
    const bad = await runCommand(['--json', 'doctor'], user)
    assert.equal(bad.code, 1)
    const findings = JSON.parse(bad.stdout) as Finding[]
    assert.match(of(findings, 'master key').message, /chmod 600 .*master\.key/)
    chmodSync(join(service.folder, 'master.key'), 0o600)
    assert.equal(await service.stop(), 0)
    const stopped = await runCommand(['doctor'], user)
    assert.equal(stopped.code, 0)
    assert.match(stopped.stdout, new RegExp(`^! HTTP +nothing listens on 127\\.0\\.0\\.1:${port}: the service is not running$`, 'm'))
    assert.match(stopped.stdout, /^✓ database +sqlite answers/m)
  })
})
