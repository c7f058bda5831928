import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { type DemoService, startService } from '../../demo/service.ts'
import { verifyCertificate, writeFiles } from '../../demo/verify.ts'
import type { ConnectForeignClient, ForeignAction, ForeignClient, ForeignParameters, SeenError } from './foreign-client.ts'

export interface ForeignClientTraits {
  /** Whether the client's request for a certificate has room for tags. */
  readonly tags: boolean
  /** What the client calls an error of a wrong secret. */
  readonly wrongSecretCode: string
}

const product = 'digicert-free-1-free'
const domain = 'www.example.com'
const tags = [
  { Key: 'team', Value: 'web' },
  { Key: 'stage.1', Value: '' },
  { Key: 'Cost-Centre', Value: '4711_b' },
]
const application = {
  ProductCode: product,
  Domain: domain,
  ValidateType: 'DNS',
  Username: 'Tom & Jerry + 汤姆~*',
  Phone: '13900001234',
  Email: 'tom+jerry@example.com',
}
const requestId = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/

/**
 * The tests of an official client as it is: an order from the application to the verified certificate, and what its user sees of errors.
 * The service is a process of its own.
 *
 * @param connect undefined where the client cannot run; the tests are then skipped
 */
export function describeForeignClient(title: string, connect: ConnectForeignClient | undefined, traits: ForeignClientTraits): void {
  describe(title, { skip: connect === undefined }, () => {
    let scene: Scene | undefined
    const theScene = () => scene ?? assert.fail('the service did not start')
    before(async () => {
      if (connect !== undefined) scene = await setScene(connect)
    })
    after(() => scene?.close())

    it('orders a certificate: application, proof by DNS, chain and key, counters of the plan', () => orderCertificate(theScene(), traits))
    it('sees a missing order as NotFoundOrder', () => missOrder(theScene()))
    if (traits.tags) it('sees which member of a list is refused', () => refuseTags(theScene()))
    it('sees that the secret is wrong', () => useWrongSecret(theScene(), traits))
  })
}

interface Scene {
  readonly folder: string
  readonly dns: DnsServer
  readonly service: DemoService
  readonly client: ForeignClient
  connect(secret: string): Promise<ForeignClient>
  close(): Promise<void>
}

async function setScene(connectClient: ConnectForeignClient): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-test-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const step of closing.toReversed()) await step()
  }
  try {
    const dns = await startDnsServer()
    closing.push(() => dns.close())
    const service = await startService({
      CHANCERY_DATA: join(folder, 'data'),
      CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}`,
      CHANCERY_RSA_POOL: '0',
    })
    closing.push(() => service.stop())
    const { host } = new URL(service.endpoint)
    const connect = async (accessKeySecret: string) => {
      const client = await connectClient({ host, accessKeyId: service.accessKeyId, accessKeySecret })
      closing.push(() => client.close())
      return client
    }
    return { folder, dns, service, client: await connect(service.accessKeySecret), connect, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function orderCertificate(scene: Scene, traits: ForeignClientTraits): Promise<void> {
  const { client, dns, folder } = scene
  assert.deepEqual(await readCounters(client), { TotalCount: 20, UsedCount: 0, IssuedCount: 0 })

  const placed = await succeed(client, 'CreateCertificateRequest', { ...application, ...(traits.tags && { Tags: tags }) })
  const orderId = placed['OrderId']
  assert.ok(typeof orderId === 'number' && Number.isSafeInteger(orderId), `OrderId: ${String(orderId)}`)
  assert.match(String(placed['RequestId']), requestId)
  const stored = readStored(folder, orderId)
  assert.deepEqual(stored.tags, traits.tags ? tags.toSorted((a, b) => (a.Key < b.Key ? -1 : 1)) : [])
  assert.deepEqual(stored.applicant, { username: application.Username, phone: application.Phone, email: application.Email })

  const proof = await waitForType(client, orderId, 'domain_verify')
  assert.deepEqual([proof['RecordDomain'], proof['RecordType']], [`_dnsauth.${domain}`, 'TXT'])
  const value = proof['RecordValue']
  assert.ok(typeof value === 'string' && value !== '', `RecordValue: ${String(value)}`)
  assert.deepEqual(await readCounters(client), { TotalCount: 20, UsedCount: 1, IssuedCount: 0 })
  dns.setTxt(`_dnsauth.${domain}`, [value])

  const issued = await waitForType(client, orderId, 'certificate')
  const root = await (await fetch(`${scene.service.endpoint}/ca/root.pem`)).text()
  const content = { chain: String(issued['Certificate']), key: String(issued['PrivateKey']), root }
  verifyCertificate(content, domain, writeFiles(join(folder, 'order'), domain, content))
  assert.deepEqual(await readCounters(client), { TotalCount: 20, UsedCount: 1, IssuedCount: 1 })
}

async function missOrder({ client }: Scene): Promise<void> {
  const error = await fail(client, 'DescribeCertificateState', { OrderId: 4_294_967_297 })
  assertError(error, { code: 'NotFoundOrder', status: 404, text: 'The specified order does not exist.' })
}

async function refuseTags({ client }: Scene): Promise<void> {
  const twice = [{ Key: 'team', Value: 'web' }, ...tags]
  const error = await fail(client, 'CreateCertificateRequest', { ...application, Tags: twice })
  assertError(error, { code: 'InvalidParameter', status: 400, text: '"Tags.2.Key" is not valid. Each key may be given once.' })
}

async function useWrongSecret(scene: Scene, { wrongSecretCode }: ForeignClientTraits): Promise<void> {
  const client = await scene.connect(`${scene.service.accessKeySecret}x`)
  const error = await fail(client, 'DescribePackageState', { ProductCode: product })
  assertError(error, { code: wrongSecretCode, status: 400, text: '' })
}

async function readCounters(client: ForeignClient): Promise<Record<string, unknown>> {
  const { TotalCount, UsedCount, IssuedCount } = await succeed(client, 'DescribePackageState', { ProductCode: product })
  return { TotalCount, UsedCount, IssuedCount }
}

/** What arrived of the application: no action of the original shows tags and contacts of an order. */
function readStored(folder: string, orderId: number): { tags: unknown[]; applicant: unknown } {
  const db = new DatabaseSync(join(folder, 'data/chancery.db'), { readOnly: true })
  try {
    const tags = db.prepare('select key as "Key", value as "Value" from tags where resource_id = ? order by key').all(orderId)
    const order = db.prepare('select applicant from orders where id = ?').get(orderId)
    return { tags: tags.map((tag) => ({ ...tag })), applicant: JSON.parse(String(order?.['applicant'])) }
  } finally {
    db.close()
  }
}

/** Asks for the state of an order as users do, until it is the one waited for. */
async function waitForType(client: ForeignClient, orderId: number, type: string): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + 60_000; ;) {
    const state = await succeed(client, 'DescribeCertificateState', { OrderId: orderId })
    if (state['Type'] === type) return state
    if (state['Type'] === 'verify_fail' || Date.now() > deadline) assert.fail(`waited for ${type}, the state is ${String(state['Type'])}`)
    await sleep(250)
  }
}

async function succeed(client: ForeignClient, action: ForeignAction, parameters: ForeignParameters): Promise<Record<string, unknown>> {
  const answer = await client.call(action, parameters)
  return 'body' in answer ? answer.body : assert.fail(`${action}: ${JSON.stringify(answer.error)}`)
}

async function fail(client: ForeignClient, action: ForeignAction, parameters: ForeignParameters): Promise<SeenError> {
  const answer = await client.call(action, parameters)
  return 'error' in answer ? answer.error : assert.fail(`${action} succeeded: ${JSON.stringify(answer.body)}`)
}

function assertError(error: SeenError, expected: { code: string; status: number; text: string }): void {
  assert.deepEqual([error.code, error.status], [expected.code, expected.status], error.message)
  assert.match(error.requestId, requestId)
  assert.ok(error.message.includes(expected.text), error.message)
}
