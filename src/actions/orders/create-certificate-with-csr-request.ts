import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { placeOrder } from '../../orders/place-order.ts'
import { defaultProductCode } from '../../plans/products.ts'
import { clientToken, optionalText, wireTags } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { placingTarget } from './placing-target.ts'

/** Submits a DV order for the name in a CSR of the applicant's; the service never sees the key. */
export const createCertificateWithCsrRequest = action({
  name: 'CreateCertificateWithCsrRequest',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateCertificateWithCsrRequest',
  target: placingTarget('Csr'),
  summary: 'Submit a DV certificate order for the domain name in your own CSR.',
  strict: false,
  input: z.object({
    ProductCode: optionalText,
    Username: z.string().min(1),
    Phone: z.string().min(1),
    Email: z.string().min(1),
    Csr: z.string().min(1),
    ValidateType: z.enum(['DNS', 'FILE']),
    Tags: wireTags,
    ClientToken: clientToken,
  }),
  output: z.object({ OrderId: z.int() }),
  problems: ['productLevelDenied', 'csrUsed', 'notFoundPackage', 'notRemainCount', 'idempotentParameterMismatch', 'callerInactive'],
  async run(input, context, services) {
    const { orderId } = await placeOrder(services, {
      context,
      productCode: input.ProductCode ?? defaultProductCode,
      levels: 'DV',
      names: 'one',
      domain: undefined,
      csr: input.Csr,
      method: input.ValidateType,
      applicant: { username: input.Username, phone: input.Phone, email: input.Email },
      tags: input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      keyAlgorithm: undefined,
      clientToken: input.ClientToken,
    })
    return { OrderId: orderId }
  },
})
