/**
 * The tables as the read queries see them. Every column is a safe integer, a text, an octet string or null on both engines:
 * instants are milliseconds since the epoch, JSON is text, booleans are 0 and 1.
 */
export interface Schema {
  installation: InstallationTable
  counters: { name: string; next: number }
  accounts: AccountTable
  access_keys: AccessKeyTable
  plans: PlanTable
  ledger_entries: LedgerEntryTable
  instances: InstanceTable
  orders: OrderTable
  authorizations: AuthorizationTable
  order_authorizations: { order_id: number; authorization_id: number }
  validation_attempts: ValidationAttemptTable
  keys: KeyTable
  issuers: IssuerTable
  issuance_intents: IssuanceIntentTable
  certificates: CertificateTable
  crls: CrlTable
  tags: TagTable
  client_tokens: ClientTokenTable
  events: EventTable
}

/** One row: the installation, with what proves that a process holds the right master key. */
export interface InstallationTable {
  id: number
  root_account_id: number
  master_key_id: string
  key_check: string
  /** 1: made in emulator mode, and never opened in another. */
  emulator: number
  created_at: number
}

export interface AccountTable {
  id: number
  name: string
  status: 'active' | 'suspended'
  created_at: number
}

export interface AccessKeyTable {
  id: string
  account_id: number
  principal: string
  secret_sealed: Uint8Array
  status: 'Active' | 'Inactive'
  created_at: number
}

export interface PlanTable {
  id: number
  account_id: number
  product_code: string
  total: number
  used: number
  issued: number
  valid_from: number
  valid_until: number
  created_at: number
}

export interface LedgerEntryTable {
  id: number
  plan_id: number
  account_id: number
  kind: 'grant' | 'reserve' | 'commit' | 'refund' | 'expire'
  units: number
  order_id: number | null
  /** Unique: the same fact is never counted twice. */
  idempotency_key: string
  at: number
}

export interface InstanceTable {
  id: number
  account_id: number
  plan_id: number
  product_code: string
  starts_at: number
  ends_at: number
  created_at: number
}

export type OrderState =
  | 'draft'
  | 'accepted'
  | 'validating'
  | 'ready'
  | 'reviewing'
  | 'issuing'
  | 'issued'
  | 'revoked'
  | 'failed'
  | 'withdrawn'
  | 'deleted'

export interface OrderTable {
  id: number
  account_id: number
  instance_id: number
  product_code: string
  state: OrderState
  /** Every move counts one up; a write names the revision that it saw. */
  rev: number
  /** When the runner has to look again; null: nothing is due. */
  run_at: number | null
  lease_owner: string | null
  /** The end of the claim, by the database's clock; null on SQLite, where a set in memory is the lease. */
  lease_until: number | null
  attempts: number
  last_attempt_at: number | null
  principal: string
  method: 'DNS' | 'FILE'
  /** The first name, an A-label name, possibly `*.x`. */
  domain: string
  key_algorithm: string
  /** JSON: {@link import('../orders/applicant.ts').Applicant}. */
  applicant: string
  /** JSON: why the order failed; null unless it did. */
  failure: string | null
  validation_ends_at: number
  certificate_id: number | null
  created_at: number
  updated_at: number
}

export interface AuthorizationTable {
  id: number
  account_id: number
  identifier: string
  method: 'DNS' | 'FILE'
  token: string
  created_at: number
  expires_at: number
  validated_at: number | null
  /** JSON: the evidence of the proof. */
  evidence: string | null
}

export interface ValidationAttemptTable {
  id: number
  order_id: number
  authorization_id: number
  at: number
  outcome: string
  message: string
  /** JSON: every query and answer of the attempt. */
  evidence: string
}

export interface KeyTable {
  id: number
  account_id: number
  algorithm: string
  spki_sha256: string
  /** Null once the key is destroyed. */
  sealed: Uint8Array | null
  created_at: number
  /** Some time after the end of its certificate, ms. */
  destroy_at: number
  destroyed_at: number | null
}

export interface IssuerTable {
  id: string
  kind: 'root' | 'intermediate'
  parent_id: string | null
  certificate: Uint8Array
  /** The sealed key; null for the root, whose key is a file of its own that the service does not load. */
  key_sealed: Uint8Array | null
  pki_url: string | null
  created_at: number
}

/** What was decided to be signed, stored before or together with the signature. */
export interface IssuanceIntentTable {
  issuer_id: string
  serial: string
  order_id: number | null
  tbs: Uint8Array
  created_at: number
}

export interface CertificateTable {
  id: number
  account_id: number
  order_id: number | null
  source: 'order' | 'service'
  issuer_id: string
  serial: string
  der: Uint8Array
  not_before: number
  not_after: number
  key_id: number | null
  crl_shard: number
  revoked_at: number | null
  /** RFC 5280 section 5.3.1. */
  revocation_reason: number | null
  created_at: number
}

export interface CrlTable {
  issuer_id: string
  shard: number
  number: number
  this_update: number | null
  next_update: number | null
  der: Uint8Array | null
  /** When the runner has to sign the next one; null for a root's, which is signed by command. */
  run_at: number | null
}

export interface TagTable {
  account_id: number
  resource_type: 'order'
  resource_id: number
  key: string
  value: string
}

export interface ClientTokenTable {
  account_id: number
  principal: string
  action: string
  token: string
  input_sha256: string
  /** JSON: the answer, given again on a replay. One-time secrets are not in it. */
  answer: string
  created_at: number
  expires_at: number
}

export interface EventTable {
  id: number
  account_id: number
  at: number
  kind: string
  principal: string
  source_ip: string | null
  request_id: string | null
  resource: string
  /** JSON. Never a secret. */
  detail: string
  sealed_at: number | null
}
