import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteOrder } from '../../orders/delete-order.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'

/** Deletes an order without a certificate. */
export const deleteCertificateRequest = action({
  name: 'DeleteCertificateRequest',
  version: CAS_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteCertificateRequest',
  target: orderTarget,
  summary: 'Delete an order that failed, was withdrawn or never submitted, and get its quota back.',
  strict: false,
  input: z.object({ OrderId: wireId }),
  output: z.object({}),
  problems: ['notFoundOrder', 'orderStateError', 'callerInactive'],
  async run({ OrderId }, context, services) {
    await deleteOrder(services, context, OrderId)
    return {}
  },
})
