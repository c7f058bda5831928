import { setTimeout as sleep } from 'node:timers/promises'
import Cas from '@alicloud/cas20200407'
import { callExtension, createClient } from './client.ts'
import type { DnsServer } from './dns-server.ts'
import type { Progress } from './progress.ts'
import type { DemoService } from './service.ts'
import { verifyCertificate, writeFiles } from './verify.ts'
import type { WebServer } from './web-server.ts'

export const PRODUCT = 'digicert-free-1-free'

type Client = ReturnType<typeof createClient>

/** What the state of an order asks the applicant to put in place. */
export type Proof =
  | { readonly method: 'DNS'; readonly record: string; readonly value: string }
  | { readonly method: 'FILE'; readonly uri: string; readonly content: string }

/** Buys a plan and orders a certificate that is proven by a TXT record. */
export async function orderByDns(progress: Progress, service: DemoService, dns: DnsServer, output: string): Promise<void> {
  const client = createClient(service)
  const domain = 'www.example.com'
  await progress.step(`PurchasePackage: five more ${PRODUCT}`, async (tell) => {
    await callExtension(client, 'PurchasePackage', { ProductCode: PRODUCT, Count: '5' })
    tell(await describePlan(client))
  })
  const orderId = await placeOrder(progress, client, domain, 'DNS')
  const proof = await askForProof(progress, client, orderId)
  await progress.step('The TXT record is published', async () => {
    if (proof.method === 'DNS') dns.setTxt(proof.record, [proof.value])
  })
  await collect(progress, service, client, orderId, domain, output)
}

/** Orders a certificate that is proven by a file of a web server. */
export async function orderByFile(progress: Progress, service: DemoService, dns: DnsServer, web: WebServer, output: string): Promise<void> {
  const client = createClient(service)
  const domain = 'shop.example.com'
  dns.setAddresses(domain, ['127.0.0.1'])
  const orderId = await placeOrder(progress, client, domain, 'FILE')
  const proof = await askForProof(progress, client, orderId)
  await progress.step('The file is put on the web server', async (tell) => {
    if (proof.method !== 'FILE') return
    web.setFile(proof.uri, proof.content)
    tell(`http://${domain}${proof.uri}`)
  })
  await collect(progress, service, client, orderId, domain, output)
}

/** The counters of the plan in words. */
export async function describePlan(client: Client): Promise<string> {
  const { body } = await client.describePackageState(new Cas.DescribePackageStateRequest({ productCode: PRODUCT }))
  return `${body?.totalCount} bought, ${body?.usedCount} used, ${body?.issuedCount} issued`
}

export async function placeOrder(progress: Progress, client: Client, domain: string, validateType: 'DNS' | 'FILE'): Promise<number> {
  return await progress.step(`CreateCertificateRequest for ${domain}, proof by ${validateType}`, async (tell) => {
    const { body } = await client.createCertificateRequest(
      new Cas.CreateCertificateRequestRequest({
        productCode: PRODUCT,
        domain,
        validateType,
        username: 'Tom',
        phone: '13900001234',
        email: 'tom@example.com',
      }),
    )
    if (body?.orderId === undefined) throw new Error('the answer holds no OrderId')
    tell(`order ${body.orderId}`)
    return body.orderId
  })
}

export async function askForProof(progress: Progress, client: Client, orderId: number): Promise<Proof> {
  return await progress.step('DescribeCertificateState: what to put in place', async (tell) => {
    const { body } = await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))
    if (body?.recordDomain !== undefined && body.recordValue !== undefined) {
      tell(`${body.recordDomain} ${body.recordType} ${body.recordValue}`)
      return { method: 'DNS', record: body.recordDomain, value: body.recordValue }
    }
    if (body?.uri === undefined || body.content === undefined) throw new Error(`no proof is asked for; the state is ${body?.type}`)
    tell(`${body.domain}${body.uri}: ${body.content}`)
    return { method: 'FILE', uri: body.uri, content: body.content }
  })
}

/** Waits for the certificate, verifies it and the plan's counters. */
export async function collect(
  progress: Progress,
  service: DemoService,
  client: Client,
  orderId: number,
  domain: string,
  output: string,
): Promise<void> {
  const issued = await progress.step('Chancery checks the proof, makes the key, issues the certificate', async (tell) => {
    for (const deadline = Date.now() + 60_000; ;) {
      const { body } = await client.describeCertificateState(new Cas.DescribeCertificateStateRequest({ orderId }))
      tell(`${body?.type}`)
      if (body?.type === 'certificate' && body.certificate && body.privateKey) return { chain: body.certificate, key: body.privateKey }
      if (Date.now() > deadline) throw new Error(`the order is not issued after a minute: ${body?.type}`)
      await sleep(500)
    }
  })
  await progress.step('Chain and key are written to files and verified', async (tell) => {
    const content = { ...issued, root: await (await fetch(`${service.endpoint}/ca/root.pem`)).text() }
    tell(verifyCertificate(content, domain, writeFiles(output, domain, content)))
  })
  await progress.step('DescribePackageState: the unit is accounted for', async (tell) => tell(await describePlan(client)))
}
