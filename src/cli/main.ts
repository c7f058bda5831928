import { Command } from 'commander'
import { loadSettings, type Settings } from '../config.ts'
import { callAction } from './call-action.ts'
import { explainFailure } from './explain-failure.ts'
import { runAdminCommand } from './run-admin-command.ts'
import { serve } from './serve.ts'

const EXTENSIONS = '2026-12-01'
const CAS = '2020-04-07'

const program = new Command('chancery')
  .description('A certificate management service: the ordering API of a certificate service, a CA, quota and audit on your own machines.')
  .showHelpAfterError()

program
  .command('serve')
  .description('run the service (settings: docs/configuration.md)')
  .option('--emulator', 'for tests: proofs pass by themselves, the clock can be moved, certificates are marked (loopback only)')
  .action(({ emulator }: { emulator?: true }) => serve(emulator ? loadSettings({ ...process.env, CHANCERY_EMULATOR: '1' }) : settings()))

const plan = program.command('plan').description('certificate resource plans')
plan
  .command('buy <productCode> <count>')
  .description('buy certificates of one product for the calling account')
  .option('--client-token <token>', 'makes a repetition of the command harmless')
  .action(async (productCode: string, count: string, options: { clientToken?: string }) => {
    const input = { ProductCode: productCode, Count: count, ...(options.clientToken && { ClientToken: options.clientToken }) }
    print(await callAction(settings(), EXTENSIONS, 'PurchasePackage', input))
  })
plan
  .command('show [productCode]')
  .description('the counters of one product')
  .action(async (productCode?: string) => {
    print(await callAction(settings(), CAS, 'DescribePackageState', productCode === undefined ? {} : { ProductCode: productCode }))
  })
plan
  .command('audit')
  .description('compute all counters anew from the ledger and compare (local; exit status 1 if anything differs)')
  .action(async () => {
    const audit = (await runAdminCommand(settings(), 'plan-audit', {})) as { differences: unknown[]; orders: unknown[] }
    print(audit)
    if (audit.differences.length > 0 || audit.orders.length > 0) process.exitCode = 1
  })

const order = program.command('order').description('certificate orders')
order
  .command('show <orderId>')
  .description('the state of an order, and what the latest look at its proof saw')
  .action(async (orderId: string) => {
    const check = await callAction(settings(), EXTENSIONS, 'CheckValidation', { OrderId: orderId })
    const state = await callAction(settings(), CAS, 'DescribeCertificateState', { OrderId: orderId })
    print({ ...check, ...state })
  })

const ca = program.command('ca').description('the embedded certificate authority (local administration)')
ca.command('root-crl')
  .description("sign the root's next CRL; the only command that opens the root's key")
  .action(async () => print(await runAdminCommand(settings(), 'ca-root-crl', {})))
ca.command('revoke <certificateId>')
  .description('revoke a certificate')
  .option('--reason <reason>', 'RFC 5280 reason, e.g. keyCompromise', 'unspecified')
  .action(async (certificateId: string, { reason }: { reason: string }) => {
    print(await runAdminCommand(settings(), 'certificate-revoke', { certificateId: Number(certificateId), reason }))
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}

function settings(): Settings {
  return loadSettings(process.env)
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}
