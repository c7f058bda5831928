import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { loadSettings } from '../../src/config.ts'
import { startProcess } from '../../src/main.ts'
import { accessKey, application, callService, extensions, succeed } from '../emulator/call-service.ts'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Parses the text format of Prometheus; any line that does not fit it is a failure. */
function parseMetrics(text: string): Sample[] {
  assert.ok(text.endsWith('\n'))
  const typed = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue
    const comment = /^# (?:HELP ([a-z_][a-z0-9_]*) \S.*|TYPE ([a-z_][a-z0-9_]*) (?:counter|gauge|histogram|summary))$/.exec(line)
    if (comment !== null) {
      if (comment[2] !== undefined) typed.add(comment[2])
      continue
    }
    const match = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (-?[0-9.e+-]+|Nan|\+Inf)$/.exec(line)
    assert.ok(match !== null, `not a line of the text format: ${line}`)
    const [, name = '', inner = '', value] = match
    const labels = Object.fromEntries([...inner.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/g)].map(([, key, text]) => [key, text]))
    assert.ok(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, '')), `no type is told for ${name}`)
    samples.push({ name, labels, value: Number(value) })
  }
  return samples
}

async function start(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const running = await startProcess(
    loadSettings({
      CHANCERY_DATA: folder,
      CHANCERY_HTTP_LISTEN: '127.0.0.1:0',
      CHANCERY_HTTPS_LISTEN: 'off',
      CHANCERY_ADMIN_LISTEN: '127.0.0.1:0',
      CHANCERY_RSA_POOL: '0',
      CHANCERY_ROOT_ACCESS_KEY_ID: accessKey.id,
      CHANCERY_ROOT_ACCESS_KEY_SECRET: accessKey.secret,
      CHANCERY_EMULATOR: '1',
      CHANCERY_EMULATOR_PROOFS: '0',
    }),
    pino({ level: 'silent' }),
    (error) => assert.fail(error),
  )
  t.after(async () => {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const { http = '', admin = '' } = running.addresses
  const scrape = async () => {
    const response = await fetch(`${admin}/metrics`)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    return await response.text()
  }
  return { running, http, admin, scrape }
}

function valueOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  return samples.find((sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text))?.value
}

describe('the metrics', () => {
  it('tell what happened, after calls and orders of several outcomes', async (t) => {
    const { http, scrape, running } = await start(t)
    for (const domain of ['one.example.com', 'two.example.com']) {
      const { OrderId } = await succeed(http, 'CreateCertificateRequest', application(domain))
      for (let type = ''; type !== 'certificate';) {
        type = String((await succeed(http, 'DescribeCertificateState', { OrderId: String(OrderId) }))['Type'])
      }
    }
    await succeed(http, 'SetProofs', { PassAfter: '3600' }, { version: extensions })
    const { OrderId } = await succeed(http, 'CreateCertificateRequest', application('open.example.com'))
    await succeed(http, 'CheckValidation', { OrderId: String(OrderId) }, { version: extensions })
    await succeed(http, 'DescribePackageState', { Unknown1: 'x', Unknown2: 'y' })
    assert.equal((await callService(http, 'DescribePackageState', { ProductCode: 'nothing' })).status, 400)
    assert.equal((await callService(http, 'DescribePackageState', {}, { secret: 'a-wrong-secret' })).status, 400)
    assert.equal((await callService(http, 'NoSuchAction', {})).status, 404)
    const samples = parseMetrics(await scrape())

    const requests = (action: string, code: string) => valueOf(samples, 'chancery_requests_total', { action, code })
    assert.equal(requests('CreateCertificateRequest', 'OK'), 3)
    assert.equal(requests('DescribePackageState', 'OK'), 1)
    assert.equal(requests('DescribePackageState', 'InvalidParameter'), 1)
    assert.equal(requests('DescribePackageState', 'SignatureDoesNotMatch'), 1)
    assert.equal(requests('none', 'InvalidAction.NotFound'), 1)
    assert.equal(valueOf(samples, 'chancery_ignored_parameters_total', { action: 'DescribePackageState' }), 2)
    assert.equal(valueOf(samples, 'chancery_request_seconds_count', { action: 'CreateCertificateRequest' }), 3)
    assert.equal(valueOf(samples, 'chancery_writes_total', { write: 'placeOrder', outcome: 'done' }), 3)
    assert.equal(valueOf(samples, 'chancery_writes_total', { write: 'issueCertificate', outcome: 'done' }), 2)
    assert.equal(valueOf(samples, 'chancery_validations_total', { method: 'DNS', outcome: 'proven' }), 2)
    assert.ok((valueOf(samples, 'chancery_validations_total', { method: 'DNS', outcome: 'noRecord' }) ?? 0) >= 1)
    assert.equal(valueOf(samples, 'chancery_sign_seconds_count', { kind: 'certificate' }), 2)
    assert.ok((valueOf(samples, 'chancery_sign_seconds_count', { kind: 'crl' }) ?? 0) >= 1)
    assert.equal(valueOf(samples, 'chancery_open_orders', { state: 'validating' }), 1)
    assert.equal(valueOf(samples, 'chancery_rsa_keys_ready'), 0)
    assert.ok((valueOf(samples, 'chancery_queue_lag_seconds') ?? -1) >= 0)
    assert.ok((valueOf(samples, 'chancery_commit_group_size_count') ?? 0) >= 5)
    assert.ok((valueOf(samples, 'chancery_commit_seconds_sum') ?? 0) > 0)
    assert.ok((valueOf(samples, 'process_cpu_seconds_total') ?? 0) > 0)
    // Waiting for its proof for long, an order makes the runner late by nothing.
    await running.services.db.write.sweepExpired({ now: running.services.clock() })
    assert.ok((valueOf(parseMetrics(await scrape()), 'chancery_queue_lag_seconds') ?? 99) < 5)
  })

  it('have labels of a closed list, whose values name no account, domain, key or address', async (t) => {
    const { http, scrape, running } = await start(t)
    const { OrderId } = await succeed(http, 'CreateCertificateRequest', application('private-name.example.com'))
    await succeed(http, 'CheckValidation', { OrderId: String(OrderId) }, { version: extensions })
    await callService(http, 'private-name.example.com', { 'private-name.example.com': 'x' })
    await callService(http, 'DescribeCertificateState', { OrderId: '99999' })
    await callService(http, 'DescribeCertificateState', { OrderId: 'private-name.example.com' })
    await callService(http, 'MoveClock', { 'private-name.example.com': 'x', Seconds: '1' }, { version: extensions })
    const text = await scrape()
    const known = ['action', 'code', 'write', 'outcome', 'method', 'kind', 'state', 'le']
    // Those of the process itself.
    const standard = ['type', 'space', 'version', 'major', 'minor', 'patch', 'quantile']
    for (const { name, labels } of parseMetrics(text)) {
      const allowed = name.startsWith('chancery_') ? known : [...known, ...standard]
      for (const label of Object.keys(labels)) assert.ok(allowed.includes(label), `${name} has the label ${label}`)
    }
    const { rootAccountId } = running.installation
    for (const secret of ['private-name', 'example.com', String(rootAccountId), accessKey.id, String(OrderId), '127.0.0.1']) {
      assert.ok(!text.includes(secret), `the metrics hold ${secret}`)
    }
  })

  it('are on the admin listener alone, which serves no calls', async (t) => {
    const { http, admin } = await start(t)
    const elsewhere = await fetch(`${http}/metrics`)
    assert.notEqual(elsewhere.status, 200)
    assert.doesNotMatch(await elsewhere.text(), /chancery_/)
    assert.equal((await fetch(`${admin}/metrics`)).status, 200)
    assert.equal((await fetch(`${admin}/readyz`)).status, 200)
    const { status, body } = await callService(admin, 'DescribePackageState', {})
    assert.equal(status, 404)
    assert.match(body, /NeedSsl/)
  })
})
