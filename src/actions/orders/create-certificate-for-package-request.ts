import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { placeOrder } from '../../orders/place-order.ts'
import { defaultProductCode } from '../../plans/products.ts'
import { clientToken, optionalText, wireTags } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { placingTarget } from './placing-target.ts'

/** Submits an order of any product: own CSR or not, up to five names, contact and company by default the latest. */
export const createCertificateForPackageRequest = action({
  name: 'CreateCertificateForPackageRequest',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateCertificateForPackageRequest',
  target: placingTarget('Domain', 'Csr'),
  summary: 'Submit a certificate order of any product, for one or several names, with or without your own CSR.',
  strict: false,
  input: z.object({
    ProductCode: optionalText,
    Domain: optionalText,
    Csr: optionalText,
    Username: optionalText,
    Phone: optionalText,
    Email: optionalText,
    CompanyName: optionalText,
    ValidateType: z
      .enum(['DNS', 'FILE', ''])
      .default('DNS')
      .transform((method) => (method === '' ? 'DNS' : method)),
    Tags: wireTags,
    KeyAlgorithm: optionalText,
    ClientToken: clientToken,
  }),
  output: z.object({ OrderId: z.int() }),
  problems: ['csrUsed', 'notFoundPackage', 'notRemainCount', 'idempotentParameterMismatch', 'callerInactive'],
  async run(input, context, services) {
    const { orderId } = await placeOrder(services, {
      context,
      productCode: input.ProductCode ?? defaultProductCode,
      levels: 'any',
      names: 'several',
      domain: input.Domain,
      csr: input.Csr,
      method: input.ValidateType,
      applicant: { username: input.Username, phone: input.Phone, email: input.Email },
      companyName: input.CompanyName,
      tags: input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      keyAlgorithm: input.KeyAlgorithm,
      clientToken: input.ClientToken,
    })
    return { OrderId: orderId }
  },
})
