import { requiredChecks } from '../../src/orders/review-checks.ts'
import type { Call, ModelOrder } from './model-state.ts'
import { namePool, type Operation } from './operations.ts'
import type { CsrPool } from './system.ts'

const applicant = { Username: 'An Applicant', Phone: '13800000000', Email: 'applicant@example.com' }

/** The moves of an order, by the operation that has no more to say. */
const moves = {
  describe: 'DescribeCertificateState',
  check: 'CheckValidation',
  withdraw: 'CancelOrderRequest',
  submit: 'SubmitOrder',
  delete: 'DeleteCertificateRequest',
  cancel: 'CancelCertificateForPackageRequest',
} as const

const doors = {
  request: 'CreateCertificateRequest',
  csr: 'CreateCertificateWithCsrRequest',
  package: 'CreateCertificateForPackageRequest',
} as const

/** The call that an operation stands for. */
export function toCall(operation: Exclude<Operation, { op: 'pass' | 'publish' | 'replay' }>, order: ModelOrder | undefined): Call {
  switch (operation.op) {
    case 'buy':
      return { action: 'PurchasePackage', product: operation.product, units: operation.units, token: operation.token }
    case 'place': {
      const { door, product, csr, token } = operation
      const own = door === 'csr' || (door === 'package' && operation.own)
      const asked = operation.names.map((name) => namePool[name] ?? '')
      const common = namePool[csr.name] ?? ''
      const several = door === 'package' && product !== 'model-free'
      const names = own ? [common] : several ? asked : asked.slice(0, 1)
      return { action: doors[door], product, names, csr: own ? `${common} ${csr.key}` : undefined, token }
    }
    case 'renew': {
      const csr = operation.key === undefined || order === undefined ? undefined : `${order.names[0]} ${operation.key}`
      return { action: 'RenewCertificateOrderForPackageRequest', order, csr, submit: operation.submit, token: operation.token }
    }
    case 'review':
      return { action: 'ReviewOrder', order, reviewer: operation.reviewer, approve: operation.approve }
    case 'describe':
    case 'check':
    case 'withdraw':
    case 'submit':
    case 'delete':
    case 'cancel':
      return { action: moves[operation.op], order }
  }
}

/** A call's parameters in the words of the wire, lists as lists. */
export function toInput(call: Call, csrs: CsrPool): Record<string, unknown> {
  const ClientToken = 'token' in call && call.token !== undefined ? { ClientToken: `token-${call.token}` } : {}
  switch (call.action) {
    case 'PurchasePackage':
      return { ProductCode: call.product, Count: String(call.units), ...ClientToken }
    case 'CreateCertificateRequest':
    case 'CreateCertificateWithCsrRequest':
    case 'CreateCertificateForPackageRequest': {
      const subject = call.csr === undefined ? { Domain: call.names.join(',') } : { Csr: csrs.get(call.csr) }
      return { ProductCode: call.product, ValidateType: 'DNS', ...subject, ...applicant, ...ClientToken }
    }
    case 'RenewCertificateOrderForPackageRequest':
      return {
        OrderId: String(call.order?.id ?? 1),
        Submit: String(call.submit),
        ...(call.csr !== undefined && { Csr: csrs.get(call.csr) }),
        ...ClientToken,
      }
    case 'ReviewOrder': {
      const level = call.order?.product === 'model-ev' ? 'EV' : 'OV'
      const names = new Set([...requiredChecks(level, false), ...requiredChecks(level, true)])
      const Checks = [...names].map((Name) => ({ Name, Result: 'passed', Source: 'A register.' }))
      return { OrderId: String(call.order?.id ?? 1), Decision: call.approve ? 'approve' : 'reject', Reason: 'A reason.', Checks }
    }
    case 'DescribeCertificateState':
    case 'CheckValidation':
    case 'CancelOrderRequest':
    case 'SubmitOrder':
    case 'DeleteCertificateRequest':
    case 'CancelCertificateForPackageRequest':
      return { OrderId: String(call.order?.id ?? 1) }
  }
}
