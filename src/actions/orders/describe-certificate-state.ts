import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { describeOrder, type OrderDescription } from '../../orders/describe-order.ts'
import type { ProofInstruction } from '../../orders/proof-instruction.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { orderTarget } from './order-target.ts'

/** The proof of one name. */
export const validation = z.object({
  Domain: z.string(),
  Proven: z.boolean(),
  ValidateType: z.enum(['DNS', 'FILE']),
  /** Always the full name. */
  RecordDomain: z.string().optional(),
  RecordHost: z.string().optional(),
  RecordType: z.literal('TXT').optional(),
  RecordValue: z.string().optional(),
  /** Where a CNAME at the record leads, as far as looks have seen: the record belongs there. */
  PublishAt: z.string().optional(),
  Uri: z.string().optional(),
  Content: z.string().optional(),
})

/** Answers the state of an order with exactly the fields that belong to it. The original's `unknow` is none: what is placed can be proven. */
export const describeCertificateState = action({
  name: 'DescribeCertificateState',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:DescribeCertificateState',
  target: orderTarget,
  summary: 'Read the state of an order: what to put in place as proof of control, finally certificate and private key.',
  strict: false,
  input: z.object({ OrderId: wireId }),
  output: z.object({
    Type: z.enum(['domain_verify', 'process', 'verify_fail', 'certificate', 'payed']),
    ValidateType: z.enum(['DNS', 'FILE']).optional(),
    RecordDomain: z.string().optional(),
    /** Ours: the record's name as DNS consoles ask for it. */
    RecordHost: z.string().optional(),
    RecordType: z.literal('TXT').optional(),
    RecordValue: z.string().optional(),
    Domain: z.string().optional(),
    Uri: z.string().optional(),
    Content: z.string().optional(),
    /** Ours: the proof of each name; the fields above are those of the first that is not proven. */
    Validations: z.array(validation).optional(),
    /** Ours. */
    FailureReason: z.string().optional(),
    FailureMessage: z.string().optional(),
    Certificate: z.string().optional(),
    PrivateKey: z.string().optional(),
    /** Ours: the key is held, and reading it is not allowed, or the certificate is revoked. */
    PrivateKeyWithheld: z.literal(true).optional(),
    CertId: z.string().optional(),
    /** Ours: stays the same when the certificate is renewed. */
    ResourceId: z.string().optional(),
  }),
  problems: ['notFoundOrder'],
  async run({ OrderId }, context, services) {
    return toWire(await describeOrder(services, OrderId, context))
  },
})

/** The original's words for a state. */
export function toWire(order: OrderDescription) {
  switch (order.stage) {
    case 'proving':
      return {
        Type: 'domain_verify' as const,
        ...nextToWire(order.next, order.recordForm),
        Validations: order.names.map(({ name, proven, instruction, publishAt }) => ({
          Domain: name,
          Proven: proven,
          ...instructionToWire(instruction),
          ...(publishAt !== undefined && { PublishAt: publishAt }),
        })),
      }
    case 'processing':
      return { Type: 'process' as const }
    case 'failed':
      return {
        Type: 'verify_fail' as const,
        ...(order.failure && { FailureReason: order.failure.reason, FailureMessage: order.failure.message }),
      }
    case 'notSubmitted':
      return { Type: 'payed' as const }
    case 'issued':
      return {
        Type: 'certificate' as const,
        Certificate: order.certificatePem,
        ...(order.privateKeyPem === undefined ? {} : { PrivateKey: order.privateKeyPem }),
        ...(order.keyWithheld && { PrivateKeyWithheld: true as const }),
        CertId: String(order.certificateId),
        ResourceId: order.resource,
      }
  }
}

/** The original's fields, with the record's name in the form that the settings want. */
function nextToWire(instruction: ProofInstruction, form: 'full' | 'host') {
  if (instruction.method === 'FILE') return { ...instructionToWire(instruction), Domain: instruction.domain }
  const { RecordHost, RecordDomain, ...fields } = dnsToWire(instruction)
  return {
    ...fields,
    RecordDomain: form === 'host' ? (RecordHost ?? RecordDomain) : RecordDomain,
    ...(RecordHost !== undefined && { RecordHost }),
  }
}

function instructionToWire(instruction: ProofInstruction) {
  return instruction.method === 'DNS'
    ? dnsToWire(instruction)
    : { ValidateType: 'FILE' as const, Uri: instruction.uri, Content: instruction.content }
}

function dnsToWire({ recordName, recordHost, recordValue }: Extract<ProofInstruction, { method: 'DNS' }>) {
  return {
    ValidateType: 'DNS' as const,
    RecordDomain: recordName,
    ...(recordHost !== undefined && { RecordHost: recordHost }),
    RecordType: 'TXT' as const,
    RecordValue: recordValue,
  }
}
