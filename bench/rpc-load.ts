// The client of the RPC benchmark, in a process of its own: it proves a name at the ACME door, then orders certificates for it by signed calls.
import { generateKeyPairSync, sign } from 'node:crypto'
import { Agent, request } from 'node:http'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../src/x509/csr.ts'
import { encodePem } from '../src/x509/pem.ts'
import { openAcmeClient } from './acme-client.ts'
import { accessKeyId, secret } from './acme-servers.ts'
import { openAcmeWorld } from './acme-world.ts'
import { type ClientTimes, runClients } from './run-clients.ts'
import { signRpcV1 } from './sign-call.ts'

/** What is to be done. */
export type RpcLoad =
  | { readonly kind: 'prove'; readonly directory: string; readonly eab: { readonly kid: string; readonly macKey: string } }
  /** Certificates for the proven name, each with a CSR of its own, from the call to the certificate. */
  | { readonly kind: 'obtain'; readonly clients: number; readonly count: number }
  /** Orders with an RSA key for new names: nothing but the call. */
  | { readonly kind: 'place'; readonly clients: number; readonly count: number }

/** What it took. */
export interface RpcLoadResult extends ClientTimes {
  readonly requests: number
}

const PROVEN = 'proven.bench.internal'
const ProductCode = 'chancery-private-mix'
const applicant = { Username: 'Tom', Phone: '13900001234', Email: 'tom@example.com', ValidateType: 'DNS', ProductCode }

const agent = new Agent({ keepAlive: true })
const csrs: string[] = []
let acme: ReturnType<typeof openAcmeClient> | undefined
let base = ''
let requests = 0
let serial = 0
const world = await openAcmeWorld(() => acme?.thumbprint ?? '')

process.on('message', (load: RpcLoad) => {
  run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.send?.({ dnsPort: world.dnsPort, httpPort: world.httpPort })

async function run(load: RpcLoad): Promise<RpcLoadResult | 'proven'> {
  if (load.kind === 'prove') {
    base = new URL(load.directory).origin
    acme = openAcmeClient(load.directory, 1)
    await acme.register(load.eab)
    await acme.obtain(PROVEN)
    acme.close()
    return 'proven'
  }
  if (load.kind === 'obtain') while (csrs.length < load.count) csrs.push(makeCsr())
  requests = 0
  const times = await runClients(load, async () => {
    if (load.kind === 'obtain') await obtain(csrs.pop() ?? '')
    else await call('CreateCertificateRequest', { ...applicant, Domain: `p${serial++}.bench.internal` })
  })
  return { ...times, requests }
}

async function obtain(Csr: string): Promise<void> {
  const { OrderId } = await call('CreateCertificateWithCsrRequest', { ...applicant, Csr })
  for (;;) {
    const { Type } = await call('DescribeCertificateState', { OrderId: String(OrderId) })
    if (Type === 'certificate') return
    if (Type === 'domain_verify' || Type === 'verify_fail') throw new Error(`the order is ${Type}: the name is not proven`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function makeCsr(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spkiDer = publicKey.export({ format: 'der', type: 'spki' })
  const info = buildCertificationRequestInfo({ subject: { commonName: PROVEN }, spkiDer, dnsNames: [PROVEN] })
  return encodePem('CERTIFICATE REQUEST', assembleCertificationRequest(info, 'ecdsa-with-SHA256', sign('sha256', info, privateKey)))
}

function call(action: string, input: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  requests++
  const { host } = new URL(base)
  const { path, headers } = signRpcV1({ host, accessKeyId, secret, version: '2020-04-07', action, input })
  return new Promise((resolve, reject) => {
    const req = request(`${base}${path}`, { method: 'POST', agent, headers }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('error', reject)
      res.on('end', () =>
        res.statusCode === 200
          ? resolve(JSON.parse(text) as Record<string, unknown>)
          : reject(new Error(`${action} answered ${res.statusCode}: ${text}`)),
      )
    })
    req.on('error', reject)
    req.end()
  })
}
