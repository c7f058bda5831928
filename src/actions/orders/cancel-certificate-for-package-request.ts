import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { cancelOrder } from '../../orders/cancel-order.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'

/** Ends an order for good. */
export const cancelCertificateForPackageRequest = action({
  name: 'CancelCertificateForPackageRequest',
  version: CAS_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:CancelCertificateForPackageRequest',
  target: orderTarget,
  summary: 'Revoke the certificate of an order, or delete an order that is not applied for; quota comes back within the refund window.',
  strict: false,
  input: z.object({ OrderId: wireId }),
  output: z.object({}),
  problems: ['notFoundOrder', 'orderStateError', 'certificateRevoked', 'callerInactive'],
  async run({ OrderId }, context, services) {
    await cancelOrder(services, context, OrderId)
    return {}
  },
})
