import assert from 'node:assert/strict'
import { it } from 'node:test'
import { listValidationAttempts } from '../../src/storage/orders.ts'
import { assertTrustworthy, waitForCertificate } from '../end-to-end/verify.ts'
import { reportNotRun } from '../support/not-run.ts'
import { application, createTestData, type TestService, until, withService } from '../support/service.ts'
import { extension } from '../support/signed-call.ts'
import { chooseUdpPort, missingPackages, startDnsServers } from './dns-servers.ts'

const title = 'orders through unbound and nsd, with DNSSEC'
const missing = missingPackages()
if (missing.length > 0) reportNotRun(title, `install ${missing.join(', ')}`)

interface PlacedOrder {
  readonly OrderId: string
  readonly token: string
}

async function place(service: TestService, Domain: string): Promise<PlacedOrder> {
  const OrderId = String(
    (await service.succeed('CreateCertificateRequest', { ...application, Domain, KeyAlgorithm: 'ECC_256' }))['OrderId'],
  )
  // Asking for the state would use up an attempt while there is no resolver yet.
  const { db } = service.services
  const row = await db.read
    .selectFrom('authorizations')
    .innerJoin('order_authorizations', 'authorization_id', 'id')
    .select('token')
    .where('order_id', '=', Number(OrderId))
    .executeTakeFirstOrThrow()
  return { OrderId, token: row.token }
}

/** Flags of the answers that the latest attempt of an order kept as evidence. */
async function readEvidence({ services }: TestService, { OrderId }: PlacedOrder) {
  const [attempt] = await listValidationAttempts(services.db.read, Number(OrderId), 1)
  const evidence = JSON.parse(attempt?.evidence ?? '{}') as { queries: readonly { rcode?: string; ad?: boolean }[] }
  return evidence.queries.map(({ rcode, ad }) => ({ rcode, ad }))
}

it(title, { skip: missing.length > 0, timeout: 120_000 }, async () => {
  const port = await chooseUdpPort()
  const data = await createTestData('sqlite')
  try {
    await withService(
      data,
      async (service) => {
        const signed = await place(service, 'www.example.com')
        const unsigned = await place(service, 'www.example.net')
        const tampered = await place(service, 'www.example.org')
        const servers = await startDnsServers(port, [
          { name: 'example.com', kind: 'signed', txt: { '_dnsauth.www.example.com': signed.token } },
          { name: 'example.net', kind: 'unsigned', txt: { '_dnsauth.www.example.net': unsigned.token } },
          { name: 'example.org', kind: 'tampered', txt: { '_dnsauth.www.example.org': tampered.token } },
        ])
        try {
          await assertTrustworthy(service, await waitForCertificate(service, signed.OrderId), ['www.example.com'])
          assert.deepEqual(await readEvidence(service, signed), [{ rcode: 'NOERROR', ad: true }])

          await assertTrustworthy(service, await waitForCertificate(service, unsigned.OrderId), ['www.example.net'])
          assert.deepEqual(await readEvidence(service, unsigned), [{ rcode: 'NOERROR', ad: false }])

          const message = await until('the refusal of the tampered zone', async () => {
            const { Type, LastAttempt } = await service.succeed('CheckValidation', { OrderId: tampered.OrderId }, extension)
            assert.equal(Type, 'domain_verify')
            const { Outcome, Message } = Object(LastAttempt) as Record<string, unknown>
            return Outcome === 'servfail' ? String(Message) : undefined
          })
          assert.match(message, /_dnsauth\.www\.example\.org.*SERVFAIL.*DNSSEC/)
          assert.ok(!message.includes(tampered.token), 'a value that nobody vouches for is not shown')
        } finally {
          await servers.close()
        }
      },
      { CHANCERY_DNS_RESOLVERS: `127.0.0.1:${port}` },
    )
  } finally {
    data.remove()
  }
})
