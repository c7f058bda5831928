import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { renewOrder } from '../../orders/renew-order.ts'
import { clientToken, optionalText, wireId, wireTags } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'
import { requestTags } from './placing-target.ts'

/** Makes the renewal of an order whose certificate is about to expire; with `Submit` (ours) its proof begins at once. */
export const renewCertificateOrderForPackageRequest = action({
  name: 'RenewCertificateOrderForPackageRequest',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:RenewCertificateOrderForPackageRequest',
  target: { ...orderTarget, conditions: requestTags },
  summary: 'Create the renewal order of an order whose certificate is about to expire.',
  strict: false,
  input: z.object({
    OrderId: wireId,
    Csr: optionalText,
    Tags: wireTags,
    Submit: z
      .enum(['true', 'false', ''])
      .default('false')
      .transform((text) => text === 'true'),
    ClientToken: clientToken,
  }),
  output: z.object({ OrderId: z.int() }),
  problems: [
    'notFoundOrder',
    'orderStateError',
    'renewalExists',
    'csrUsed',
    'notFoundPackage',
    'notRemainCount',
    'idempotentParameterMismatch',
    'callerInactive',
  ],
  async run(input, context, services) {
    const { orderId } = await renewOrder(services, {
      context,
      orderId: input.OrderId,
      csr: input.Csr,
      tags: input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      submit: input.Submit,
      clientToken: input.ClientToken,
    })
    return { OrderId: orderId }
  },
})
