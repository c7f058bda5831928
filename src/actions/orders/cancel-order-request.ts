import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { withdrawOrder } from '../../orders/withdraw-order.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'

/** Takes an application back; the order can be submitted again, or deleted. */
export const cancelOrderRequest = action({
  name: 'CancelOrderRequest',
  version: CAS_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:CancelOrderRequest',
  target: orderTarget,
  summary:
    'Withdraw an order that awaits proof or review; its quota stays used until it is deleted; that of an ACME order comes back at once.',
  strict: false,
  input: z.object({ OrderId: wireId }),
  output: z.object({}),
  problems: ['notFoundOrder', 'orderStateError', 'callerInactive'],
  async run({ OrderId }, context, services) {
    await withdrawOrder(services, context, OrderId)
    return {}
  },
})
