import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { buyPlan } from '../../plans/buy-plan.ts'
import { clientToken, wireCount } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Buys certificates of one product. The original sells them in its shop; here it is a call. */
export const purchasePackage = action({
  name: 'PurchasePackage',
  version: EXTENSION_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:PurchasePackage',
  summary: 'Buy certificates of one product for the account.',
  strict: true,
  input: z.object({ ProductCode: z.string().min(1), Count: wireCount, ClientToken: clientToken }),
  output: z.object({ PackageId: z.int() }),
  problems: ['idempotentParameterMismatch', 'callerInactive'],
  async run(input, { caller, requestId, sourceIp }, services) {
    const { planId } = await buyPlan(services, {
      caller,
      productCode: input.ProductCode,
      units: input.Count,
      clientToken: input.ClientToken,
      action: 'PurchasePackage',
      requestId,
      sourceIp,
    })
    return { PackageId: planId }
  },
})
