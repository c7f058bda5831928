import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { describeOrder, type OrderDescription } from '../../orders/describe-order.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'

/** Answers the state of an order with exactly the fields that belong to it. `unknow` is spelled as the original spells it. */
export const describeCertificateState = action({
  name: 'DescribeCertificateState',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:DescribeCertificateState',
  summary: 'Read the state of an order: what to put in place as proof of control, finally certificate and private key.',
  strict: false,
  input: z.object({ OrderId: wireId }),
  output: z.object({
    Type: z.enum(['unknow', 'domain_verify', 'process', 'verify_fail', 'certificate', 'payed']),
    ValidateType: z.enum(['DNS', 'FILE']).optional(),
    RecordDomain: z.string().optional(),
    RecordType: z.literal('TXT').optional(),
    RecordValue: z.string().optional(),
    Domain: z.string().optional(),
    Uri: z.string().optional(),
    Content: z.string().optional(),
    Certificate: z.string().optional(),
    PrivateKey: z.string().optional(),
    CertId: z.string().optional(),
  }),
  problems: ['notFoundOrder'],
  async run({ OrderId }, { caller, requestId, sourceIp }, services) {
    return toWire(await describeOrder(services, { orderId: OrderId, caller, requestId, sourceIp }))
  },
})

/** The original's words for a state. */
export function toWire(order: OrderDescription) {
  switch (order.stage) {
    case 'unknown':
      return { Type: 'unknow' as const }
    case 'provingByDns':
      return {
        Type: 'domain_verify' as const,
        ValidateType: 'DNS' as const,
        RecordDomain: order.recordDomain,
        RecordType: 'TXT' as const,
        RecordValue: order.recordValue,
      }
    case 'provingByFile':
      return { Type: 'domain_verify' as const, ValidateType: 'FILE' as const, Domain: order.domain, Uri: order.uri, Content: order.content }
    case 'processing':
      return { Type: 'process' as const }
    case 'failed':
      return { Type: 'verify_fail' as const }
    case 'notSubmitted':
      return { Type: 'payed' as const }
    case 'issued':
      return {
        Type: 'certificate' as const,
        Certificate: order.certificatePem,
        ...(order.privateKeyPem === undefined ? {} : { PrivateKey: order.privateKeyPem }),
        CertId: String(order.certificateId),
      }
  }
}
