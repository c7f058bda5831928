import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { placeOrder } from '../../orders/place-order.ts'
import { defaultProductCode } from '../../plans/products.ts'
import { clientToken, optionalText, wireTags } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { placingTarget } from './placing-target.ts'

/** Submits a DV order for one domain name; the service makes key and CSR. */
export const createCertificateRequest = action({
  name: 'CreateCertificateRequest',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateCertificateRequest',
  target: placingTarget('Domain'),
  summary: 'Submit a DV certificate order for one domain name; key and CSR are made by the service.',
  strict: false,
  input: z.object({
    ProductCode: optionalText,
    Username: z.string().min(1),
    Phone: z.string().min(1),
    Email: z.string().min(1),
    Domain: z.string().min(1),
    ValidateType: z.enum(['DNS', 'FILE']),
    Tags: wireTags,
    KeyAlgorithm: optionalText,
    ClientToken: clientToken,
  }),
  output: z.object({ OrderId: z.int() }),
  problems: ['productLevelDenied', 'notFoundPackage', 'notRemainCount', 'idempotentParameterMismatch', 'callerInactive'],
  async run(input, context, services) {
    const { orderId } = await placeOrder(services, {
      context,
      productCode: input.ProductCode ?? defaultProductCode,
      levels: 'DV',
      names: 'one',
      domain: input.Domain,
      csr: undefined,
      method: input.ValidateType,
      applicant: { username: input.Username, phone: input.Phone, email: input.Email },
      tags: input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      keyAlgorithm: input.KeyAlgorithm,
      clientToken: input.ClientToken,
    })
    return { OrderId: orderId }
  },
})
