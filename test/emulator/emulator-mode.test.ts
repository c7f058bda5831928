import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { ConfigurationError, loadSettings } from '../../src/config.ts'
import { type RunningProcess, startProcess } from '../../src/main.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { reportNotRun } from '../support/not-run.ts'
import { accessKey, application, callService, extensions, succeed } from './call-service.ts'

const DAY_S = 86_400
const silent = pino({ level: 'silent' })

/** A data folder of one test, and what runs on it. */
interface Place {
  readonly folder: string
  readonly stops: (() => Promise<void>)[]
}

function newPlace(t: TestContext): Place {
  const place: Place = { folder: mkdtempSync(join(tmpdir(), 'chancery-test-')), stops: [] }
  t.after(async () => {
    for (const stop of place.stops) await stop()
    rmSync(place.folder, { recursive: true, force: true })
  })
  return place
}

/** Starts a process on loopback; it is stopped after the test at the latest. */
async function start(
  { folder, stops }: Place,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningProcess & { readonly http: string }> {
  const running = await startProcess(
    loadSettings({
      CHANCERY_DATA: folder,
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: 'off',
      CHANCERY_RSA_POOL: '0',
      CHANCERY_ROOT_ACCESS_KEY_ID: accessKey.id,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: accessKey.secret,
      CHANCERY_PKI_URL: 'http://pki.example',
      // Nobody answers there: what does not come from the emulator proves nothing.
      CHANCERY_DNS_RESOLVERS: '127.0.0.1:9',
      CHANCERY_DNS_TIMEOUT_MS: '100',
      ...settings,
    }),
    silent,
    (error) => assert.fail(error),
  )
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= running.stop())
  stops.push(stop)
  return { ...running, stop, http: running.addresses.http ?? assert.fail('it listens') }
}

const emulator = { CHANCERY_EMULATOR: '1', CHANCERY_EMULATOR_PROOFS: '0' }

async function place(http: string, domain: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  return String((await succeed(http, 'CreateCertificateRequest', application(domain, changes)))['OrderId'])
}

const describeState = (http: string, OrderId: string) => succeed(http, 'DescribeCertificateState', { OrderId })
const extend = (http: string, action: string, input: Readonly<Record<string, string>>) =>
  succeed(http, action, input, { version: extensions })

async function until<T>(look: () => Promise<T | undefined>, seconds = 15): Promise<T> {
  const deadline = performance.now() + seconds * 1_000
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    assert.ok(performance.now() < deadline, 'it did not happen in time')
    await sleep(50)
  }
}

const issued = (http: string, orderId: string) =>
  until(async () => {
    const state = await describeState(http, orderId)
    return state['Type'] === 'certificate' ? state : undefined
  })

describe('the emulator mode', () => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    it(`lets DNS and FILE orders pass without any network, and the clock moves on command (${engine})`, async (t) => {
      const databaseUrl = engine === 'postgres' ? await createTestDatabase() : undefined
      if (engine === 'postgres' && databaseUrl === undefined) {
        reportNotRun('the emulator mode on PostgreSQL', 'PostgreSQL cannot run here')
        return t.skip()
      }
      const home = newPlace(t)
      const settings = { ...emulator, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) }
      const first = await start(home, settings)
      const dns = await issued(first.http, await place(first.http, 'dns.example.com'))
      await issued(first.http, await place(first.http, 'file.example.com', { ValidateType: 'FILE' }))
      const { issuerId, crlUrl } = first.services.authority
      const shard = crlUrl(0) === undefined ? 0 : Math.floor(Number(dns['CertId']) / 65_536)
      const readCrl = async (base: string) => {
        const response = await fetch(`${base}/crl/${issuerId}-${shard}.crl`)
        return response.status === 200 ? parseCrl(Buffer.from(await response.arrayBuffer())) : undefined
      }
      const crl = await until(() => readCrl(first.http))

      // Validation ends 30 days after the application.
      await extend(first.http, 'SetProofs', { PassAfter: 'real' })
      const late = await place(first.http, 'late.example.com')
      const { Now } = await extend(first.http, 'MoveClock', { Seconds: String(31 * DAY_S) })
      assert.ok(Math.abs(Number(Now) - Date.now() - 31 * DAY_S * 1_000) < 30_000)
      const failed = await until(async () => {
        const state = await extend(first.http, 'CheckValidation', { OrderId: late })
        return state['Type'] === 'verify_fail' ? state : undefined
      })
      assert.equal((failed['Failure'] as { Reason: string }).Reason, 'validationExpired')

      // A CRL is signed daily.
      const next = await until(async () => {
        const now = await readCrl(first.http)
        return now !== undefined && Number(now.number) > Number(crl.number) ? now : undefined
      })
      assert.ok(next.thisUpdate - crl.thisUpdate >= 31 * DAY_S * 1_000 - 1_000)

      // The movement outlives the process; certificates are dated by the moved clock.
      await first.stop()
      const second = await start(home, settings)
      await extend(second.http, 'MoveClock', { Seconds: String(90 * DAY_S) })
      const later = await issued(second.http, await place(second.http, 'later.example.com'))
      const [old, fresh] = [new X509Certificate(String(dns['Certificate'])), new X509Certificate(String(later['Certificate']))]
      const movedMs = 121 * DAY_S * 1_000
      assert.ok(Math.abs(fresh.validFromDate.getTime() - old.validFromDate.getTime() - movedMs) < 60_000)
      const nowThere = Date.now() + movedMs
      assert.ok(old.validToDate.getTime() < nowThere, 'the first certificate has expired')
      assert.ok(fresh.validToDate.getTime() > nowThere)
    })
  }

  it('marks every answer and every certificate', async (t) => {
    const { http } = await start(newPlace(t), emulator)
    for (const path of ['/healthz', '/readyz', '/', '/nothing']) {
      assert.equal((await fetch(`${http}${path}`)).headers.get('x-chancery-emulator'), '1', path)
    }
    const { headers } = await callService(http, 'DescribePackageState', {})
    assert.equal(headers['x-chancery-emulator'], '1')
    const { Certificate } = await issued(http, await place(http, 'www.example.com'))
    assert.match(new X509Certificate(String(Certificate)).subject, /emulator/i)
  })

  it('lets proofs pass after a time on command', async (t) => {
    const { http } = await start(newPlace(t), emulator)
    await extend(http, 'SetProofs', { PassAfter: '3600' })
    const orderId = await place(http, 'www.example.com')
    assert.equal((await describeState(http, orderId))['Type'], 'domain_verify')
    await extend(http, 'MoveClock', { Seconds: '3601' })
    await issued(http, orderId)
  })

  it('refuses what is no number of seconds, and moves nothing', async (t) => {
    const { http, services } = await start(newPlace(t), emulator)
    const before = services.clock() - Date.now()
    for (const Seconds of ['', '-1', '1.5', 'x', '99999999999', '1e3', ' 5']) {
      const { status, body } = await callService(http, 'MoveClock', { Seconds }, { version: extensions })
      assert.equal(status, 400, `${Seconds}: ${body}`)
    }
    for (const PassAfter of ['', '-1', 'never', '99999999']) {
      const { status } = await callService(http, 'SetProofs', { PassAfter }, { version: extensions })
      assert.equal(status, 400, PassAfter)
    }
    assert.ok(Math.abs(services.clock() - Date.now() - before) < 1_000)
  })

  it('is refused on a listener off the loopback, by name', () => {
    for (const name of ['CHANCERY_HTTP_LISTEN', 'CHANCERY_HTTPS_LISTEN', 'CHANCERY_ADMIN_LISTEN']) {
      for (const address of ['0.0.0.0:0', '[::]:0', '192.0.2.1:80', '10.0.0.1:8080']) {
        const load = () => loadSettings({ CHANCERY_EMULATOR: '1', [name]: address })
        assert.throws(load, (error) => error instanceof ConfigurationError && /CHANCERY_EMULATOR.*loopback/.test(error.lines.join('\n')))
        assert.doesNotThrow(() => loadSettings({ [name]: address }))
      }
    }
  })
})

describe('the normal mode', () => {
  it('has no action, no header and no mark of the emulator, and does not read its file', async (t) => {
    const home = newPlace(t)
    // Proofs that pass come from a port that only a test can hand in.
    writeFileSync(join(home.folder, 'emulator.json'), JSON.stringify({ movedMs: 400 * DAY_S * 1_000 }), { mode: 0o600 })
    const { http, services } = await start(home, { CHANCERY_EMULATOR_PROOFS: '0' })
    assert.equal(services.emulator, undefined)
    assert.ok(Math.abs(services.clock() - Date.now()) < 1_000, 'the file of the emulator moves no clock')
    for (const [action, input] of [
      ['MoveClock', { Seconds: '60' }],
      ['SetProofs', { PassAfter: '0' }],
    ] as const) {
      const { status, body, headers } = await callService(http, action, input, { version: extensions })
      assert.equal(status, 404, body)
      assert.match(body, /"Code":"InvalidAction\.NotFound"/)
      assert.equal(headers['x-chancery-emulator'], undefined)
    }
    for (const path of ['/healthz', '/readyz', '/nothing']) {
      assert.equal((await fetch(`${http}${path}`)).headers.get('x-chancery-emulator'), null, path)
    }
    const orderId = await place(http, 'www.example.com')
    const check = await extend(http, 'CheckValidation', { OrderId: orderId })
    assert.equal(check['Type'], 'domain_verify')
    assert.doesNotMatch(JSON.stringify(check), /emulator/i)
    // What the authority signs for the normal mode carries no mark.
    const key = await services.keyPool.take('ECC_256')
    const intent = await services.authority.prepare({
      spkiDer: key.spkiDer,
      dnsNames: ['www.example.com'],
      validityDays: 30,
      certificateId: 1,
      emulator: services.settings.emulator,
    })
    const certificate = new X509Certificate(Buffer.from(await services.authority.sign(intent)))
    assert.doesNotMatch(certificate.toString() + certificate.subject, /emulator/i)
    assert.ok(existsSync(join(home.folder, 'emulator.json')))
  })
})
