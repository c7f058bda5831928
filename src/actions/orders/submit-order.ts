import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { submitOrder } from '../../orders/submit-order.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'

/** The call that the original lacks: an order that waits to be applied for goes ahead. */
export const submitOrderAction = action({
  name: 'SubmitOrder',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:SubmitOrder',
  target: orderTarget,
  summary: 'Submit a renewal, or an order that was withdrawn; proof of control begins anew.',
  strict: true,
  input: z.object({ OrderId: wireId }),
  output: z.object({}),
  problems: ['notFoundOrder', 'orderStateError', 'callerInactive'],
  async run({ OrderId }, context, services) {
    await submitOrder(services, context, OrderId)
    return {}
  },
})
