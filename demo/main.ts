import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Cas from '@alicloud/cas20200407'
import { callExtension, createClient } from './client.ts'
import { type DnsServer, startDnsServer } from './dns-server.ts'
import { bold, createProgress, dim, type Progress } from './progress.ts'
import { startService } from './service.ts'
import { verifyCertificate, writeFiles } from './verify.ts'

const DOMAIN = 'www.example.com'
const PRODUCT = 'digicert-free-1-free'
const OUTPUT = join(import.meta.dirname, '../demo-output')

/** One DV order from the purchase to the verified certificate, through the official SDK and real DNS. */
async function run(): Promise<void> {
  const progress = createProgress()
  rmSync(OUTPUT, { recursive: true, force: true })
  const dns = await progress.step('An authoritative DNS server for example.com starts on the loopback', async (tell) => {
    const server = await startDnsServer()
    tell(`${server.address}:${server.port}`)
    return server
  })
  try {
    await order(progress, dns)
  } finally {
    await dns.close()
  }
}

async function order(progress: Progress, dns: DnsServer): Promise<void> {
  const service = await progress.step('Chancery starts on an empty data folder', async (tell) => {
    const started = await startService({ CHANCERY_DNS_RESOLVERS: `${dns.address}:${dns.port}` })
    tell(started.endpoint)
    return started
  })
  try {
    const client = createClient(service)
    await progress.step(`PurchasePackage: five more ${PRODUCT}`, async (tell) => {
      await callExtension(client, 'PurchasePackage', { ProductCode: PRODUCT, Count: '5' })
      const { body } = await client.describePackageState(new Cas.DescribePackageStateRequest({ productCode: PRODUCT }))
      tell(`${body?.totalCount} bought, ${body?.usedCount} used, ${body?.issuedCount} issued`)
    })
    const orderId = await progress.step(`CreateCertificateRequest for ${DOMAIN}`, async (tell) => {
      const { body } = await client.createCertificateRequest(
        new Cas.CreateCertificateRequestRequest({
          productCode: PRODUCT,
          domain: DOMAIN,
          validateType: 'DNS',
          username: 'Tom',
          phone: '13900001234',
          email: 'tom@example.com',
        }),
      )
      if (body?.orderId === undefined) throw new Error('the answer holds no OrderId')
      tell(`order ${body.orderId}`)
      return body.orderId
    })
    const proof = await progress.step('DescribeCertificateState: what to put into DNS', async (tell) => {
      const { body } = await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))
      const { recordDomain, recordType, recordValue } = body ?? {}
      if (recordDomain === undefined || recordValue === undefined) throw new Error(`no record is asked for; the state is ${body?.type}`)
      tell(`${recordDomain} ${recordType} ${recordValue}`)
      return { recordDomain, recordValue }
    })
    await progress.step('The TXT record is published', async () => dns.setTxt(proof.recordDomain, [proof.recordValue]))
    const issued = await progress.step('Chancery looks it up, makes the key, issues the certificate', async (tell) => {
      for (const deadline = Date.now() + 60_000; ;) {
        const { body } = await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))
        if (body?.type === 'certificate' && body.certificate && body.privateKey) {
          tell('issued')
          return { chain: body.certificate, key: body.privateKey }
        }
        if (Date.now() > deadline) throw new Error(`the order is not issued after a minute: ${body?.type}`)
        tell(`${body?.type}`)
        await sleep(500)
      }
    })
    await progress.step('Chain and key are written to files and verified', async (tell) => {
      const content = { ...issued, root: await (await fetch(`${service.endpoint}/ca/root.pem`)).text() }
      tell(verifyCertificate(content, DOMAIN, writeFiles(OUTPUT, DOMAIN, content)))
    })
    await progress.step('DescribePackageState: the unit is accounted for', async (tell) => {
      const { body } = await client.describePackageState(new Cas.DescribePackageStateRequest({ productCode: PRODUCT }))
      if (body?.totalCount !== 25 || body.usedCount !== 1 || body.issuedCount !== 1)
        throw new Error(`the counters are ${JSON.stringify(body)}`)
      tell(`${body.totalCount} bought, ${body.usedCount} used, ${body.issuedCount} issued`)
    })
  } finally {
    await service.stop()
  }
}

/** What to do now, for somebody who has just seen it work. */
function sayWhatNext(): string {
  const folder = relative(process.cwd(), OUTPUT) || '.'
  return `
${bold('It works.')} The certificate, its key and the root are in ${folder}/.

${bold('Next')}
  npm start                      the service for real use: it prints its addresses and an access key
  ${dim('SDK')}   any Alibaba Cloud SDK: set endpoint to 127.0.0.1:8080 and protocol to http (README: a 20-line example)
  ${dim('CLI')}   bin/chancery plan show digicert-free-1-free
  ${dim('curl')}  curl http://127.0.0.1:8080/ca/root.pem   the root that your machines have to trust
`
}

try {
  await run()
  process.stdout.write(sayWhatNext())
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
