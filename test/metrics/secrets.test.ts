import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pino from 'pino'
import { loadSettings } from '../../src/config.ts'
import { startProcess } from '../../src/main.ts'
import { makeAuthority } from '../certificates/make-certificates.ts'
import { accessKey, application, callService, type CallOptions, extensions } from '../emulator/call-service.ts'
import { startServiceProcess } from '../emulator/service-process.ts'
import { sendOctets } from '../gateway/send-request.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
const { cert } = await makeAuthority('secrets.example.com', 'rsa', pem)
const password = 'Tr0ub4dor-and-3-of-a-kind'
// Past the modulus and public exponent (RFC 8017, A.1.2), which are in every certificate of the key: 48 octets a line.
const privateLines = pem.split('\n').slice(8, -2)

/** Every form in which the secrets could turn up: as sent, line by line, percent-encoded once and twice, in base64, in hexadecimal. */
const traces = [
  password,
  Buffer.from(password).toString('base64').replace(/=+$/, '').slice(0, -2),
  Buffer.from(password).toString('hex'),
  'BEGIN PRIVATE KEY',
  'BEGIN%20PRIVATE%20KEY',
  'BEGIN%2520PRIVATE%2520KEY',
  Buffer.from(pem).toString('base64').slice(0, 60),
  // A piece of each line without the signs that encodings change.
  ...privateLines.map((line) => /[A-Za-z0-9]{10,}/.exec(line)?.[0] ?? line),
]

function assertFree(text: string, where: string): void {
  for (const trace of traces) assert.ok(!text.includes(trace), `${where} holds a secret: ${trace.slice(0, 6)}…`)
}

interface Attempt {
  readonly what: string
  readonly action: string
  readonly input: Readonly<Record<string, string>>
  readonly options?: CallOptions
}

const secrets = { Key: pem, PrivateKey: pem, EncryptPassword: password, Cert: 'x' }
const attempts: readonly Attempt[] = (['ACS3', 'RPC-V1'] as const).flatMap((scheme): Attempt[] => [
  { what: 'an unknown action', action: 'UploadPCACert', input: { Name: 'mine', ...secrets }, options: { scheme } },
  { what: 'an upload', action: 'UploadUserCertificate', input: { Name: `by ${scheme}`, ...secrets, Cert: cert }, options: { scheme } },
  { what: 'a refused upload', action: 'UploadUserCertificate', input: { Name: 'mine', ...secrets }, options: { scheme } },
  {
    what: 'an upload with the key in both places',
    action: 'UploadUserCertificate',
    input: { Name: 'mine', Cert: pem, Key: pem },
    options: { scheme },
  },
  { what: 'a key as a name', action: 'UploadUserCertificate', input: { Name: pem, Cert: cert, Key: pem }, options: { scheme } },
  { what: 'an unknown version', action: 'DescribePackageState', input: secrets, options: { scheme, version: '1999-01-01' } },
  { what: 'unknown parameters of a known action', action: 'DescribePackageState', input: secrets, options: { scheme } },
  {
    what: 'unknown parameters of an order',
    action: 'CreateCertificateRequest',
    input: application('a.example.com', secrets),
    options: { scheme },
  },
  { what: 'unknown parameters of a strict action', action: 'ListOrders', input: secrets, options: { scheme, version: extensions } },
  { what: 'a wrong value of a known parameter', action: 'DescribePackageState', input: { ProductCode: pem }, options: { scheme } },
  { what: 'a wrong number', action: 'DescribeCertificateState', input: { OrderId: pem }, options: { scheme } },
  { what: 'a wrong domain', action: 'CreateCertificateRequest', input: application(password), options: { scheme } },
  {
    what: 'a wrong algorithm',
    action: 'CreateCertificateRequest',
    input: application('b.example.com', { KeyAlgorithm: pem }),
    options: { scheme },
  },
  {
    what: 'a wrong method',
    action: 'CreateCertificateRequest',
    input: application('b.example.com', { ValidateType: pem }),
    options: { scheme },
  },
  {
    what: 'parameters that do not nest',
    action: 'CreateCertificateRequest',
    input: { 'Tags.1': pem, 'Tags.1.Key': password },
    options: { scheme },
  },
  {
    what: 'a client token',
    action: 'PurchasePackage',
    input: { ProductCode: pem, Count: '1', ClientToken: 'a-token' },
    options: { scheme, version: extensions },
  },
  { what: 'a wrong owner', action: 'DescribePackageState', input: { ...secrets, ResourceOwnerAccount: password }, options: { scheme } },
  { what: 'an old date', action: 'DescribePackageState', input: secrets, options: { scheme, now: Date.now() - 3_600_000 } },
  { what: 'a wrong signature', action: 'DescribePackageState', input: secrets, options: { scheme, secret: 'a-wrong-secret' } },
])

/** Sends everything; answers are held against the traces, but for the string to sign that the protocol wants echoed. */
async function sendSecrets(http: string): Promise<void> {
  for (const { what, action, input, options } of attempts) {
    const { status, body, headers } = await callService(http, action, input, options)
    const answer = JSON.parse(body) as { Code?: string; Message?: string }
    if (what === 'an upload') assert.equal(status, 200, body)
    if (what === 'a wrong signature') {
      assert.equal(answer.Code, 'SignatureDoesNotMatch')
      answer.Message = answer.Message?.split('server string to sign is:')[0] ?? ''
    }
    assertFree(JSON.stringify(answer), `the answer (${status}) to ${what}`)
    assertFree(JSON.stringify(headers), `the headers of the answer to ${what}`)
  }
  const port = Number(new URL(http).port)
  const query = `Action=UploadUserCertificate&Key=${encodeURIComponent(pem)}&Password=${password}`
  for (const [what, octets] of [
    ['an unsigned call', `GET /?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['another path', `GET /${password}?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['another method', `PUT /?${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`],
    ['a public path', `GET /crl/${password}-0.crl?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['broken HTTP', `GET /?${query} HTTP/9.9\r\n${password}\r\n\r\n`],
    ['a broken header', `GET / HTTP/1.1\r\nHost: x\r\n${password} : \u0000${password}\r\n\r\n`],
    ['a forwarding header', `GET /?${query} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${password}\r\nConnection: close\r\n\r\n`],
    ['a wrong host', `GET /?${query} HTTP/1.1\r\nHost: ${password}/x\r\nConnection: close\r\n\r\n`],
  ] as const) {
    const text = await sendOctets(port, octets)
    assert.match(text, /^HTTP\/1\.1 [45]/, what)
    assertFree(text, `the answer to ${what}`)
  }
}

function assertFolderFree(folder: string): void {
  let octets = 0
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, file)
    if (!statSync(path).isFile()) continue
    const content = readFileSync(path)
    octets += content.length
    assertFree(content.toString('latin1'), file)
  }
  assert.ok(octets > 10_000, 'there is a database to look at')
}

describe('secrets in parameters', () => {
  it('reach no log line, metric, answer or file of a process of our own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
    const lines: string[] = []
    try {
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
        }),
        pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
        (error) => assert.fail(error),
      )
      try {
        await sendSecrets(running.addresses.http ?? '')
        assertFree(await (await fetch(`${running.addresses.admin}/metrics`)).text(), 'the metrics')
        // The write-ahead log as it is while the process runs.
        assertFolderFree(folder)
      } finally {
        await running.stop()
      }
      assert.ok(lines.length >= attempts.length, `${lines.length} log lines`)
      assertFree(lines.join(''), 'the log')
      assert.ok(!lines.join('').includes(accessKey.secret))
      assertFolderFree(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('reach no stream of a process at the finest log level, and are in no file of it', async () => {
    await using service = await startServiceProcess({ CHANCERY_LOG_LEVEL: 'trace', CHANCERY_EMULATOR: '1' })
    await sendSecrets(service.http)
    assertFree(await (await fetch(`${service.admin}/metrics`)).text(), 'the metrics')
    assertFolderFree(service.folder)
    assert.equal(await service.stop(), 0)
    const output = service.output()
    assert.ok(output.split('\n').filter((line) => line.includes('"rpc call"')).length >= attempts.length)
    assertFree(output, 'the output')
    assert.ok(!output.includes(accessKey.secret))
    assertFolderFree(service.folder)
  })

  it('would be found if they were there', () => {
    for (const form of [
      pem,
      encodeURIComponent(pem),
      encodeURIComponent(encodeURIComponent(pem)),
      JSON.stringify({ pem }),
      `x${password}y`,
    ]) {
      assert.throws(() => assertFree(form, 'it'))
    }
  })
})
