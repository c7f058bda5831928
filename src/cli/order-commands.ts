import { X509Certificate } from 'node:crypto'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addExplainCommand } from './explain-command.ts'
import { createOrder, type CreateOptions, describeState, readCsr, showPlaced, tagsOf, writeCertificate } from './apply-for-certificate.ts'
import type { Remote } from './remote.ts'
import { formatTime, type Output, table } from './output.ts'

/** `order create | show | list | withdraw | delete | cancel | renew | submit`. */
export function addOrderCommands(program: Command, remote: () => Remote, output: () => Output): void {
  const order = program.command('order').description('certificate orders')
  order
    .command('create')
    .description('apply for a certificate')
    .option('--domain <names...>', 'the domain names, e.g. www.example.com or *.example.com')
    .option('--csr <file>', 'your own certificate request in PEM, whose CN is the first name; the service never sees the key')
    .option('--company [name]', 'for OV and EV: the company profile (default: the latest; contacts too)')
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
    .action((options: CreateOptions, command: Command) => {
      if (options.domain === undefined && options.csr === undefined) command.error('error: --domain or --csr is needed')
      return createOrder(remote(), output(), options)
    })
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
  addExplainCommand(order, remote, output)
  addEndingCommands(order, remote, output)
  order
    .command('renew <orderId>')
    .description('make the order that renews another whose certificate is about to expire')
    .option('--csr <file>', 'your own certificate request in PEM (default: the service makes a new key)')
    .option('--tag <key=value...>', 'tags of the new order (default: those of the old one)')
    .option('--submit', 'submit it at once')
    .option('--client-token <token>', 'makes a repetition of the command harmless')
    .action((orderId: string, options: RenewOptions) => renewOrder(remote(), output(), orderId, options))
  order
    .command('submit <orderId>')
    .description('submit a renewal, or an order that was withdrawn')
    .action(async (orderId: string) => {
      await remote().extension('SubmitOrder', { OrderId: orderId })
      await showPlaced(remote(), output(), orderId)
    })
}

function addEndingCommands(order: Command, remote: () => Remote, output: () => Output): void {
  for (const [name, operation, done, description] of [
    ['withdraw', 'CancelOrderRequest', 'withdrawn', 'take an application back; its quota stays used'],
    ['delete', 'DeleteCertificateRequest', 'deleted', 'delete an order that failed, was withdrawn or not submitted; its quota comes back'],
    [
      'cancel',
      'CancelCertificateForPackageRequest',
      'cancelled',
      'revoke the certificate of an order, or delete an order that is not submitted; its quota comes back within the refund window',
    ],
  ] as const) {
    order
      .command(`${name} <orderId>`)
      .description(description)
      .action(async (orderId: string) => {
        const answer = await remote().cas(operation, { OrderId: orderId })
        output().result({ ...answer, OrderId: Number(orderId) }, [`order ${orderId} is ${done}`])
      })
  }
}

interface RenewOptions {
  readonly csr?: string
  readonly tag?: readonly string[]
  readonly submit?: true
  readonly clientToken?: string
}

async function renewOrder(remote: Remote, output: Output, orderId: string, options: RenewOptions): Promise<void> {
  const created = await remote.cas('RenewCertificateOrderForPackageRequest', {
    OrderId: orderId,
    ...(options.csr !== undefined && { Csr: readCsr(options.csr) }),
    ...(options.submit && { Submit: 'true' }),
    ...(options.clientToken !== undefined && { ClientToken: options.clientToken }),
    ...tagsOf(options.tag),
  })
  await showPlaced(remote, output, String(created['OrderId']))
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
