import type { ProductCode } from './operations.ts'

export interface ModelPlan {
  id: number | undefined
  readonly product: ProductCode
  total: number
  used: number
  issued: number
  /** Units that came back after a revocation. */
  refunds: number
  readonly endsAt: number
}

export interface ModelOrder {
  id: number | undefined
  readonly product: ProductCode
  readonly names: readonly string[]
  /** The key of the applicant's CSR. */
  readonly csr: string | undefined
  readonly plan: ModelPlan
  readonly renews: ModelOrder | undefined
  state: 'draft' | 'validating' | 'reviewing' | 'issuing' | 'issued' | 'revoked' | 'failed' | 'withdrawn' | 'deleted'
  submittedAt: number
  attempts: number
  lastAttemptAt: number | null
  runAt: number | null
  published: Set<string>
  proven: Set<string>
  /** Who approved it in the review that is open. */
  approvals: Set<string>
  issuedAt: number
  notAfter: number
  /** Kinds of its events and of its certificate's, in order. */
  readonly events: string[]
  /** Kinds of its ledger lines, in order. */
  readonly lines: string[]
}

/** What an answer must be: one of these refusals, an order or a plan (a new one, or that of the first call), a state, or nothing more. */
export type Expected =
  | { readonly problem: readonly string[] }
  | { readonly order: ModelOrder }
  | { readonly plan: ModelPlan }
  | { readonly state: { readonly Type: string; readonly Attempts?: number; readonly Proven?: boolean } }
  | { readonly review: 'open' | 'approved' | 'rejected' }
  | Record<string, never>

/** A call as a client makes it, or once more. */
export type Call =
  | { readonly action: 'PurchasePackage'; readonly product: ProductCode; readonly units: number; readonly token: number | undefined }
  | {
      readonly action: 'CreateCertificateRequest' | 'CreateCertificateWithCsrRequest' | 'CreateCertificateForPackageRequest'
      readonly product: ProductCode
      readonly names: readonly string[]
      readonly csr: string | undefined
      readonly token: number | undefined
    }
  | {
      readonly action: 'RenewCertificateOrderForPackageRequest'
      readonly order: ModelOrder | undefined
      readonly csr: string | undefined
      readonly submit: boolean
      readonly token: number | undefined
    }
  | {
      readonly action: 'ReviewOrder'
      readonly order: ModelOrder | undefined
      readonly reviewer: 'one' | 'another'
      readonly approve: boolean
    }
  | Move

export interface Move {
  readonly action:
    | 'DescribeCertificateState'
    | 'CheckValidation'
    | 'CancelOrderRequest'
    | 'SubmitOrder'
    | 'DeleteCertificateRequest'
    | 'CancelCertificateForPackageRequest'
  readonly order: ModelOrder | undefined
}

/** What the service has to be, as simply as it can be said: one account, no doubt about anything. */
export interface Model {
  now: number
  readonly plans: ModelPlan[]
  readonly orders: ModelOrder[]
  readonly tokens: Map<string, { readonly input: string; readonly answer: Expected; readonly until: number }>
}
