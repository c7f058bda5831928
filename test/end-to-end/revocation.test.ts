import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsServer, startDnsServer } from '../../demo/dns-server.ts'
import { callAdminSocket } from '../../src/admin/socket.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { application, itOnBothEngines, itOnEngine, type TestData, until } from '../support/service.ts'
import { type ServiceProcess, spawnService } from '../support/service-process.ts'
import { callSigned } from '../support/signed-call.ts'

/** The promise: from the answer to the CRL that lists it. */
const PROMISE_MS = 60_000

async function succeed({ endpoint }: ServiceProcess, action: string, input: Readonly<Record<string, string>>) {
  const { status, body, text } = await callSigned(endpoint, action, input)
  assert.equal(status, 200, text)
  return body
}

interface Issued {
  readonly orderId: string
  readonly serial: bigint
}

async function issue(service: ServiceProcess, dns: DnsServer, domain: string): Promise<Issued> {
  const placed = await succeed(service, 'CreateCertificateRequest', { ...application, Domain: domain, KeyAlgorithm: 'ECC_256' })
  const orderId = String(placed['OrderId'])
  const proof = await succeed(service, 'DescribeCertificateState', { OrderId: orderId })
  dns.setTxt(String(proof['RecordDomain']), [String(proof['RecordValue'])])
  return await until('the certificate', async () => {
    const state = await succeed(service, 'DescribeCertificateState', { OrderId: orderId })
    if (state['Type'] !== 'certificate') return undefined
    return { orderId, serial: BigInt(`0x${new X509Certificate(String(state['Certificate'])).serialNumber}`) }
  })
}

async function findCrlPath({ folder }: TestData): Promise<string> {
  const shown = (await callAdminSocket(folder, 'ca-show', {}))?.result as { issuers: { id: string; kind: string }[] } | undefined
  const issuer = shown?.issuers.find(({ kind }) => kind === 'intermediate')
  return `/crl/${issuer?.id ?? assert.fail('no issuing CA')}-0.crl`
}

async function lists({ endpoint }: ServiceProcess, path: string, { serial }: Issued): Promise<boolean> {
  const answer = await fetch(`${endpoint}${path}`)
  if (answer.status !== 200) return false
  return parseCrl(Buffer.from(await answer.arrayBuffer())).revoked.some((entry) => BigInt(`0x${entry.serial}`) === serial)
}

/** Waits for the CRL to list a certificate; answers how long after the revocation was acknowledged, ms. */
async function waitUntilListed(service: ServiceProcess, path: string, issued: Issued, acknowledgedAt: number): Promise<number> {
  await until('the CRL to list the certificate', async () => ((await lists(service, path, issued)) ? true : undefined), PROMISE_MS)
  const after = performance.now() - acknowledgedAt
  assert.ok(after <= PROMISE_MS, `listed ${Math.round(after)} ms after the answer`)
  return after
}

async function withDns(data: TestData, use: (dns: DnsServer, start: () => Promise<ServiceProcess>) => Promise<void>): Promise<void> {
  const dns = await startDnsServer()
  const started: ServiceProcess[] = []
  try {
    await use(dns, async () => {
      const service = await spawnService(data, { CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` })
      started.push(service)
      return service
    })
  } finally {
    await Promise.all(started.map((service) => service.end()))
    await dns.close()
  }
}

void describe('a revocation', { concurrency: 2 }, () => {
  itOnBothEngines('is in the CRL within a minute, also if the process is killed right after the answer', async (data, context) => {
    await withDns(data, async (dns, start) => {
      let service = await start()
      const path = await findCrlPath(data)
      const revoked: Issued[] = []
      // Before the CRL can be signed, perhaps while it is, and after.
      for (const [index, killAfterMs] of [0, 3, 30].entries()) {
        const issued = await issue(service, dns, `r${index}.example.com`)
        assert.equal(await lists(service, path, issued), false)
        await succeed(service, 'CancelCertificateForPackageRequest', { OrderId: issued.orderId })
        const acknowledgedAt = performance.now()
        if (killAfterMs > 0) await sleep(killAfterMs)
        assert.equal((await service.end('SIGKILL')).signal, 'SIGKILL')
        service = await start()
        revoked.push(issued)
        const after = await waitUntilListed(service, path, issued, acknowledgedAt)
        context.diagnostic(`killed ${killAfterMs} ms after the answer, listed ${Math.round(after)} ms after it`)
      }
      for (const issued of revoked) {
        assert.equal(await lists(service, path, issued), true, 'what was revoked stays listed')
        const again = await callSigned(service.endpoint, 'CancelCertificateForPackageRequest', { OrderId: issued.orderId })
        assert.notEqual(again.status, 200, 'it is revoked once')
      }
      const { UsedCount, IssuedCount } = await succeed(service, 'DescribePackageState', {})
      assert.deepEqual({ UsedCount, IssuedCount }, { UsedCount: 0, IssuedCount: 3 }, 'each unit is back, once')
    })
  })

  itOnEngine('postgres', 'of a process that is killed is listed by another one', async (data, context) => {
    await withDns(data, async (dns, start) => {
      const first = await start()
      const path = await findCrlPath(data)
      const second = await start()
      const issued = await issue(first, dns, 'two.example.com')
      await succeed(first, 'CancelCertificateForPackageRequest', { OrderId: issued.orderId })
      const acknowledgedAt = performance.now()
      assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL')
      const after = await waitUntilListed(second, path, issued, acknowledgedAt)
      context.diagnostic(`listed ${Math.round(after)} ms after the answer`)
    })
  })
})
