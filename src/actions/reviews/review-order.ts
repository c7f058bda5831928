import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { decideReview } from '../../orders/decide-review.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { optionalText, wireId } from '../fields.ts'
import { orderTarget } from '../orders/order-target.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Approves or rejects an OV or EV order. */
export const reviewOrderAction = action({
  name: 'ReviewOrder',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:ReviewOrder',
  target: orderTarget,
  summary: 'Approve or reject an OV or EV order of any account, with the checks that were made; for the operator. EV needs two people.',
  strict: true,
  input: z.object({
    OrderId: wireId,
    Decision: z.enum(['approve', 'reject']),
    Reason: z.string().default(''),
    Checks: z
      .array(
        z.strictObject({
          Name: z.string(),
          Result: z.string(),
          Source: z.string().default(''),
          /** The day of the evidence in UTC, `YYYY-MM-DD`; absent: today. */
          CollectedAt: optionalText,
        }),
      )
      .default([]),
  }),
  output: z.object({ State: z.enum(['open', 'approved', 'rejected', 'ended']) }),
  problems: ['notFoundOrder', 'orderStateError', 'reviewerDenied', 'callerInactive'],
  async run({ OrderId, Decision, Reason, Checks }, context, services) {
    assertOperator(services, context)
    const checks = Checks.map(({ Name, Result, Source, CollectedAt }) => ({
      name: Name,
      result: Result,
      source: Source,
      collectedAt: CollectedAt,
    }))
    return { State: await decideReview(services, context, { orderId: OrderId, decision: Decision, reason: Reason, checks }) }
  },
})
