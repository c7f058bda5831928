import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readAskedNames } from '../orders/asked-names.ts'
import { findRegistrableDomain } from '../orders/domain-name.ts'
import type { Output } from './output.ts'
import { CallRefusedError } from './refusals.ts'
import type { Remote } from './remote.ts'

/** Still waiting when the time was over. */
export const STILL_WAITING_STATUS = 4

const POLL_MS = 2_000

export interface CreateOptions {
  readonly domain?: readonly string[]
  readonly validate: string
  /** A file. */
  readonly csr?: string
  /** The name of a company profile; true: the latest. */
  readonly company?: string | true
  readonly product?: string
  readonly username?: string
  readonly phone?: string
  readonly email?: string
  readonly tag?: readonly string[]
  readonly keyAlgorithm?: string
  readonly clientToken?: string
  readonly wait?: true
  readonly timeout: number
  readonly out?: string
}

/** `order create`. */
export async function createOrder(remote: Remote, output: Output, options: CreateOptions): Promise<void> {
  const domain = (options.domain ?? []).join(',')
  const csr = options.csr === undefined ? '' : readCsr(options.csr)
  const [first] = readAskedNames({ domain, csr })
  if (first === undefined) throw new CallRefusedError(`${options.csr} is no CSR with one CN`)
  const created = await remote.cas(operationOf(options, domain), applicationOf(options, { domain, csr, first }))
  const orderId = String(created['OrderId'])
  if (options.wait === undefined) return await showPlaced(remote, output, orderId)
  await waitForCertificate(remote, output, orderId, { ...options, name: first })
}

/** The text of a file with a CSR. */
export function readCsr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CallRefusedError(`the CSR cannot be read: ${error instanceof Error ? error.message : file}`)
  }
}

/** Prints a new order and what to put in place for it. */
export async function showPlaced(remote: Remote, output: Output, orderId: string): Promise<void> {
  const state = await remote.cas('DescribeCertificateState', { OrderId: orderId })
  output.result({ ...state, OrderId: Number(orderId) }, [`order ${orderId}`, ...describeState(state)])
}

/** The narrowest operation that serves, because permissions are given by operation. */
function operationOf({ csr, company }: CreateOptions, domain: string): string {
  if (company !== undefined || domain.includes(',')) return 'CreateCertificateForPackageRequest'
  if (csr === undefined) return 'CreateCertificateRequest'
  return domain === '' ? 'CreateCertificateWithCsrRequest' : 'CreateCertificateForPackageRequest'
}

function applicationOf(
  options: CreateOptions,
  { domain, csr, first }: { readonly domain: string; readonly csr: string; readonly first: string },
): Record<string, string> {
  const baseName = first.replace(/^\*\./, '')
  // An organization's order is about its contact and company; a DV order may be anybody's.
  const usual =
    options.company === undefined
      ? { Username: userInfo().username, Phone: '00000', Email: `hostmaster@${findRegistrableDomain(baseName) ?? baseName}` }
      : {}
  const given = {
    Domain: domain,
    Csr: csr,
    ProductCode: options.product,
    Username: options.username,
    Phone: options.phone,
    Email: options.email,
    CompanyName: options.company === true ? undefined : options.company,
    KeyAlgorithm: options.keyAlgorithm,
    ClientToken: options.clientToken,
  }
  const texts = Object.entries(given).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]))
  return { ValidateType: options.validate.toUpperCase(), ...usual, ...Object.fromEntries(texts), ...tagsOf(options.tag) }
}

/** Tags `key=value` as parameters. */
export function tagsOf(tags: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    tags.flatMap((tag, index) => {
      const [key = '', ...value] = tag.split('=')
      return [
        [`Tags.${index + 1}.Key`, key],
        [`Tags.${index + 1}.Value`, value.join('=')],
      ]
    }),
  )
}

type Waiting = Pick<CreateOptions, 'timeout' | 'out'> & { readonly name: string }

async function waitForCertificate(remote: Remote, output: Output, orderId: string, options: Waiting): Promise<void> {
  const deadline = Date.now() + options.timeout * 1000
  for (let told = false; ;) {
    const state = await remote.cas('DescribeCertificateState', { OrderId: orderId })
    if (state['Type'] === 'certificate') return finish(output, orderId, state, options)
    if (state['Type'] === 'verify_fail') throw new CallRefusedError(`the order ${orderId} failed: chancery order show ${orderId} says why`)
    if (state['Type'] === 'domain_verify' && !told) {
      told = true
      // Standard error: with --json the result alone goes to standard output.
      process.stderr.write(`order ${orderId}\n${describeState(state).join('\n')}\n`)
    }
    if (Date.now() > deadline) {
      process.stderr.write(`the order ${orderId} is still waiting: ${String(state['Type'])}\n`)
      process.exitCode = STILL_WAITING_STATUS
      return
    }
    output.progress(`waiting for the certificate: ${String(state['Type'])}`)
    await sleep(POLL_MS)
  }
}

function finish(output: Output, orderId: string, state: Record<string, unknown>, { out, name }: Waiting): void {
  const files = out === undefined ? [] : writeCertificate(out, name, state)
  output.result({ ...state, OrderId: Number(orderId) }, [`order ${orderId} is issued: certificate ${String(state['CertId'])}`, ...files])
}

/** Writes what a state holds of chain and key; answers the files. */
export function writeCertificate(folder: string, domain: string, { Certificate, PrivateKey }: Record<string, unknown>): string[] {
  mkdirSync(folder, { recursive: true })
  const name = join(folder, domain.replace('*', '_'))
  writeFileSync(`${name}.chain.pem`, String(Certificate))
  if (typeof PrivateKey !== 'string') return [`${name}.chain.pem`, 'the service does not hold or show the private key']
  // A file that is there keeps its mode: a new one is put in its place.
  rmSync(`${name}.key.pem`, { force: true })
  writeFileSync(`${name}.key.pem`, PrivateKey, { mode: 0o600, flag: 'wx' })
  return [`${name}.chain.pem`, `${name}.key.pem`]
}

/** What a person has to know about a state. */
export function describeState(state: Record<string, unknown>): string[] {
  if (state['Type'] !== 'domain_verify') return [`state        ${String(state['Type'])}`]
  const { Validations } = state
  // A service without our extension tells of one name.
  const all = Array.isArray(Validations) ? (Validations as Record<string, unknown>[]) : [{ ...state, Proven: false }]
  const open = all.filter(({ Proven }) => Proven === false)
  if (state['ValidateType'] === 'FILE') {
    return [
      'state        domain_verify: put this text into a file of the web server',
      ...open.map(({ Domain, Uri }) => `address      http://${String(Domain)}${String(Uri)}`),
      `content      ${String(state['Content'])}`,
    ]
  }
  // A wildcard and its base name share one record; so do names whose CNAMEs lead to one place.
  const records = new Set(
    open.map((one) => `${String(one['PublishAt'] ?? one['RecordDomain'])}  ${String(one['RecordType'])}  ${String(one['RecordValue'])}`),
  )
  return [
    `state        domain_verify: publish ${records.size > 1 ? 'these records' : 'this record'} in the DNS`,
    ...[...records].map((record) => `record       ${record}`),
  ]
}
