import type { Command } from 'commander'
import type { PlanAudit } from '../plans/audit-plans.ts'
import type { Output } from './output.ts'
import type { Remote } from './remote.ts'
import type { RunAdminCommand } from './run-admin-command.ts'

/** `plan buy | show | audit`. */
export function addPlanCommands(program: Command, remote: () => Remote, local: RunAdminCommand, output: () => Output): void {
  const plan = program.command('plan').description('certificate resource plans')
  plan
    .command('buy <productCode> <count>')
    .description('buy certificates of one product for the calling account')
    .option('--client-token <token>', 'makes a repetition of the command harmless')
    .action(async (ProductCode: string, Count: string, { clientToken }: { clientToken?: string }) => {
      const bought = await remote().extension('PurchasePackage', { ProductCode, Count, ...(clientToken && { ClientToken: clientToken }) })
      output().result(bought, [`plan ${String(bought['PackageId'])}: ${Count} ${ProductCode}`])
    })
  plan
    .command('show [productCode]')
    .description('the counters of one product (default: digicert-free-1-free)')
    .action(async (productCode?: string) => {
      const state = await remote().cas('DescribePackageState', productCode === undefined ? {} : { ProductCode: productCode })
      const { ProductCode, TotalCount, UsedCount, IssuedCount } = state as Record<string, string | number>
      output().result(state, [
        `${ProductCode}: ${TotalCount} bought, ${UsedCount} used, ${IssuedCount} issued, ${Number(TotalCount) - Number(UsedCount)} left`,
      ])
    })
  plan
    .command('audit')
    .description('compute all counters anew from the ledger and compare (local; exit status 1 if anything differs)')
    .action(async () => {
      const audit = (await local('plan-audit', {})) as PlanAudit
      const faults = [
        ...audit.differences.map(
          ({ planId, counters, ledger }) => `plan ${planId}: shows ${JSON.stringify(counters)}, its ledger says ${JSON.stringify(ledger)}`,
        ),
        ...audit.orders.map(({ orderId, fault }) => `order ${orderId}: ${fault}`),
      ]
      output().result(audit, [
        `${audit.plans} plans, ${audit.lines} ledger lines: ${faults.length === 0 ? 'everything agrees' : 'DIFFERENCES'}`,
        ...faults,
      ])
      if (faults.length > 0) process.exitCode = 1
    })
}
