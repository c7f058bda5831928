import { X509Certificate } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { findRegistrableDomain } from '../orders/domain-name.ts'
import { CallRefusedError } from './refusals.ts'
import type { Remote } from './remote.ts'
import { formatTime, type Output, table } from './output.ts'

/** Still waiting when the time was over. */
export const STILL_WAITING_STATUS = 4

const POLL_MS = 2_000

interface CreateOptions {
  readonly domain: string
  readonly validate: string
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

/** `order create | show | list`. */
export function addOrderCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const order = program.command('order').description('certificate orders')
  order
    .command('create')
    .description('apply for a DV certificate')
    .requiredOption('--domain <name>', 'the domain name, e.g. www.example.com or *.example.com')
    .addOption(new Option('--validate <method>', 'how control of the domain is proven').choices(['dns', 'file']).default('dns'))
    .option('--product <code>', 'product code (default: digicert-free-1-free)')
    .option('--username <name>', 'applicant (default: the user of this machine)')
    .option('--phone <number>', 'phone of the applicant (default: 00000)')
    .option('--email <address>', 'mail address of the applicant (default: hostmaster@ the registered domain)')
    .option('--tag <key=value...>', 'tags of the order')
    .option('--key-algorithm <name>', 'RSA_2048, RSA_3072, RSA_4096, ECC_256 or ECC_384')
    .option('--client-token <token>', 'makes a repetition of the command harmless')
    .option('--wait', 'wait until the certificate is issued')
    .option('--timeout <seconds>', 'how long --wait waits', wholeNumber(0), 600)
    .option('--out <folder>', 'with --wait: write chain and private key there')
    .action((options: CreateOptions) => createOrder(remote(), output(), options))
  order
    .command('show <orderId>')
    .description('the state of an order, and what the latest look at its proof saw')
    .option('--out <folder>', 'write chain and private key there, once they are')
    .action((orderId: string, { out }: { out?: string }) => showOrder(remote(), output(), orderId, out))
  order
    .command('list')
    .description('the orders of the account, newest first')
    .option('--limit <count>', 'how many', wholeNumber(1), 20)
    .action(({ limit }: { limit: number }) => listOrders(remote(), output(), limit))
}

async function createOrder(remote: Remote, output: Output, options: CreateOptions): Promise<void> {
  const created = await remote.cas('CreateCertificateRequest', applicationOf(options))
  const orderId = String(created['OrderId'])
  if (options.wait === undefined) {
    const state = await remote.cas('DescribeCertificateState', { OrderId: orderId })
    return output.result({ ...state, OrderId: Number(orderId) }, [`order ${orderId}`, ...describeState(state)])
  }
  await waitForCertificate(remote, output, orderId, options)
}

function applicationOf(options: CreateOptions): Record<string, string> {
  const zone = findRegistrableDomain(options.domain.replace(/^\*\./, '')) ?? options.domain.replace(/^\*\./, '')
  const input: Record<string, string> = {
    Domain: options.domain,
    ValidateType: options.validate.toUpperCase(),
    Username: options.username ?? userInfo().username,
    Phone: options.phone ?? '00000',
    Email: options.email ?? `hostmaster@${zone}`,
  }
  if (options.product !== undefined) input['ProductCode'] = options.product
  if (options.keyAlgorithm !== undefined) input['KeyAlgorithm'] = options.keyAlgorithm
  if (options.clientToken !== undefined) input['ClientToken'] = options.clientToken
  for (const [index, tag] of (options.tag ?? []).entries()) {
    const [key = '', ...value] = tag.split('=')
    input[`Tags.${index + 1}.Key`] = key
    input[`Tags.${index + 1}.Value`] = value.join('=')
  }
  return input
}

async function waitForCertificate(remote: Remote, output: Output, orderId: string, options: CreateOptions): Promise<void> {
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

function finish(output: Output, orderId: string, state: Record<string, unknown>, options: CreateOptions): void {
  const files = options.out === undefined ? [] : writeCertificate(options.out, options.domain, state)
  output.result({ ...state, OrderId: Number(orderId) }, [`order ${orderId} is issued: certificate ${String(state['CertId'])}`, ...files])
}

/** Writes what a state holds of chain and key; answers the files. */
function writeCertificate(folder: string, domain: string, { Certificate, PrivateKey }: Record<string, unknown>): string[] {
  mkdirSync(folder, { recursive: true })
  const name = join(folder, domain.replace('*', '_'))
  writeFileSync(`${name}.chain.pem`, String(Certificate))
  if (typeof PrivateKey !== 'string') return [`${name}.chain.pem`, 'the private key is not held any more']
  // A file that is there keeps its mode: a new one is put in its place.
  rmSync(`${name}.key.pem`, { force: true })
  writeFileSync(`${name}.key.pem`, PrivateKey, { mode: 0o600, flag: 'wx' })
  return [`${name}.chain.pem`, `${name}.key.pem`]
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^[0-9]{1,9}$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`A whole number from ${least} on is needed.`)
    return Number(text)
  }
}

async function showOrder(remote: Remote, output: Output, orderId: string, folder: string | undefined): Promise<void> {
  const check = await remote.extension('CheckValidation', { OrderId: orderId })
  const state = await remote.cas('DescribeCertificateState', { OrderId: orderId })
  const words = [`order ${orderId}`, ...describeState(state)]
  const last = check['LastAttempt'] as { At: number; Message: string } | undefined
  if (last !== undefined) words.push(`latest look  ${formatTime(last.At)}  ${last.Message}`)
  if (typeof check['NextAttemptAt'] === 'number') words.push(`next look    ${formatTime(check['NextAttemptAt'])}`)
  const failure = check['Failure'] as { Message: string } | undefined
  if (failure !== undefined) words.push(`failed       ${failure.Message}`)
  if (state['Type'] === 'certificate') words.push(...showCertificate(orderId, state, folder))
  output.result({ ...check, ...state, OrderId: Number(orderId) }, words)
}

function showCertificate(orderId: string, state: Record<string, unknown>, folder: string | undefined): string[] {
  const certificate = `certificate  ${String(state['CertId'])}`
  if (folder === undefined) return [certificate, `chain and private key: chancery order show ${orderId} --out FOLDER`]
  const { subjectAltName } = new X509Certificate(String(state['Certificate']))
  return [certificate, ...writeCertificate(folder, /^DNS:([^,]+)/.exec(subjectAltName ?? '')?.[1] ?? `order-${orderId}`, state)]
}

async function listOrders(remote: Remote, output: Output, limit: number): Promise<void> {
  const orders: Record<string, unknown>[] = []
  for (let token = ''; orders.length < limit;) {
    const page = await remote.extension('ListOrders', {
      MaxResults: String(Math.min(100, limit - orders.length)),
      ...(token !== '' && { NextToken: token }),
    })
    orders.push(...(page['Orders'] as Record<string, unknown>[]))
    token = typeof page['NextToken'] === 'string' ? page['NextToken'] : ''
    if (token === '') break
  }
  const rows = orders.map((one) => [
    String(one['OrderId']),
    String(one['State']),
    String(one['Domain']),
    String(one['ProductCode']),
    formatTime(Number(one['CreatedAt'])),
  ])
  output.result({ Orders: orders }, table([['ORDER', 'STATE', 'DOMAIN', 'PRODUCT', 'CREATED (UTC)'], ...rows]))
}

/** What a person has to know about a state. */
function describeState(state: Record<string, unknown>): string[] {
  if (state['Type'] !== 'domain_verify') return [`state        ${String(state['Type'])}`]
  if (state['ValidateType'] === 'FILE') {
    return [
      'state        domain_verify: put this text into a file of the web server',
      `address      http://${String(state['Domain'])}${String(state['Uri'])}`,
      `content      ${String(state['Content'])}`,
    ]
  }
  return [
    'state        domain_verify: publish this record in the DNS',
    `record       ${String(state['RecordDomain'])}  ${String(state['RecordType'])}  ${String(state['RecordValue'])}`,
  ]
}
