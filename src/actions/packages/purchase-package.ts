import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import type { RequestContext } from '../../gateway/caller.ts'
import { buyPlan } from '../../plans/buy-plan.ts'
import { clientToken, wireCount, wireId } from '../fields.ts'
import { loadAccount } from '../../ram/accounts/load-account.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import type { Services } from '../../services.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { packageTarget } from './package-target.ts'

/** Buys certificates of one product. The original sells them in its shop; here it is a call. */
export const purchasePackage = action({
  name: 'PurchasePackage',
  version: EXTENSION_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:PurchasePackage',
  target: packageTarget,
  summary: 'Buy certificates of one product for the account.',
  strict: true,
  input: z.object({ ProductCode: z.string().min(1), Count: wireCount, ClientToken: clientToken, AccountId: wireId.optional() }),
  output: z.object({ PackageId: z.int() }),
  problems: ['accountNotExist', 'idempotentParameterMismatch', 'callerInactive'],
  async run(input, context, services) {
    const { planId } = await buyPlan(services, {
      context,
      accountId: await findBuyer(services, context, input.AccountId),
      productCode: input.ProductCode,
      units: input.Count,
      clientToken: input.ClientToken,
    })
    return { PackageId: planId }
  },
})

/** The account that a plan is bought for: by the operator any, by others their own where they may. */
async function findBuyer(
  services: Pick<Services, 'db' | 'settings' | 'operatorAccountId'>,
  context: RequestContext,
  asked: number | undefined,
): Promise<number> {
  const own = context.caller.accountId
  if (asked !== undefined && asked !== own) {
    assertOperator(services, context)
    return (await loadAccount(services, asked)).id
  }
  if (services.settings.purchase === 'operator') assertOperator(services, context)
  return own
}
