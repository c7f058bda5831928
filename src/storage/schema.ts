import type { Generated } from 'kysely'

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
  audit_log: AuditLogTable
  audit_tiles: { level: number; idx: number; hashes: Uint8Array }
  ram_users: RamUserTable
  ram_groups: RamGroupTable
  ram_group_members: { group_id: number; user_id: number; joined_at: number }
  ram_roles: RamRoleTable
  ram_policies: RamPolicyTable
  ram_policy_versions: { policy_id: number; version: number; document: string; created_at: number }
  ram_attachments: RamAttachmentTable
  oidc_providers: OidcProviderTable
  reviews: ReviewTable
  review_decisions: ReviewDecisionTable
  certificate_cards: CertificateCardTable
  uploaded_certificates: UploadedCertificateTable
  csrs: CsrTable
  contacts: ContactTable
  companies: CompanyTable
  eab_keys: EabKeyTable
  acme_accounts: AcmeAccountTable
  acme_retired_keys: { thumbprint: string; acme_account_id: number; retired_at: number }
  acme_orders: AcmeOrderTable
  blocked_keys: { spki_sha256: string; reason: number; certificate_id: number; created_at: number }
  keyword_lines: { account_id: number; kind: 'order' | 'certificate'; id: number; line: string }
  keyword_blocks: KeywordBlockTable
  shared_secrets: { purpose: string; version: number; sealed: Uint8Array; created_at: number }
  retired_master_keys: { id: string; retired_at: number }
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
  /** The master key that is about to take over; null: none is. */
  next_master_key_id: Generated<string | null>
  next_key_check: Generated<string | null>
  /** 1: the next key seals already. */
  next_seals: Generated<number>
}

export interface AccountTable {
  id: number
  name: string
  status: 'active' | 'suspended'
  created_at: number
  /**
   * `separate`: reading a private key is a permission of its own; `original`: whoever reads a certificate gets its key. Null: `original` in
   * emulator mode, else `separate`.
   */
  key_reading: Generated<'separate' | 'original' | null>
  /** 1: policies may use …IfExists, ForAnyValue and ForAllValues, which the original refuses. */
  set_operators: Generated<number>
}

export interface AccessKeyTable {
  id: string
  account_id: number
  principal: string
  secret_sealed: Uint8Array
  status: 'Active' | 'Inactive'
  created_at: number
  /** The RAM user that the key belongs to; null: the account's own. */
  user_id: Generated<number | null>
  last_used_at: Generated<number | null>
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
  /** Units given back after a revocation: never more than were bought. */
  revocation_refunds: Generated<number>
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
  /** Of an instance whose renewals are free: {@link import('../orders/acme/same-order.ts').hashNames}; null: each order is a unit. */
  names_sha256: Generated<string | null>
}

export type OrderState =
  | 'draft'
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
  /** The name of who applied, as it was then. */
  principal: string
  /** The person who applied, whatever became of the name: {@link import('../orders/person.ts').personOf}. */
  applied_by: string
  /** What the product was when it was ordered. */
  level: 'DV' | 'OV' | 'EV'
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
  /** JSON: all names, the first one that of `domain`; null: that one alone. */
  names: Generated<string | null>
  /** The applicant's CSR, DER: then the service makes no key. */
  csr: Generated<Uint8Array | null>
  /** Hex SHA-256 of the CSR's key, where the door refuses a CSR that was used. */
  csr_spki_sha256: Generated<string | null>
  /** JSON: {@link import('../orders/organization.ts').Organization} of an OV or EV order. */
  organization: Generated<string | null>
  renews_order_id: Generated<number | null>
  /** The first order of a chain of renewals; null: the order itself. */
  lineage_id: Generated<number | null>
  resource_group: Generated<string | null>
  /** Null: an order of another door. */
  acme_account_id: Generated<number | null>
  /** Of an order of the ACME door: {@link import('../orders/acme/same-order.ts').hashWish}. Open ones of an ACME account have each another. */
  wish_sha256: Generated<string | null>
  /** Units that the order took; 0: a renewal inside the term of its instance. */
  units: Generated<number>
  /** The end of its certificate, ms; null as long as there is none. */
  certificate_ends_at: Generated<number | null>
}

/** How control of a name is proven: by the RPC door's methods, or by a challenge of the ACME door (RFC 8555 section 8, RFC 8737). */
export type AuthorizationMethod = 'DNS' | 'FILE' | 'http-01' | 'dns-01' | 'tls-alpn-01'

/** `processing`: a challenge is being looked at. `deactivated` and `invalid` are final. What has expired is told by `expires_at`. */
export type AuthorizationState = 'pending' | 'processing' | 'valid' | 'invalid' | 'deactivated'

/** The claim of an account to a name, shared by all orders that need it (RFC 8555 section 7.1.4). */
export interface AuthorizationTable {
  id: number
  account_id: number
  /** An A-label name, possibly `*.x`, or an IP address (RFC 8738). */
  identifier: string
  /** Null: an ACME authorization of which no challenge was chosen yet. */
  method: AuthorizationMethod | null
  token: string
  created_at: number
  /** Until when it may be proven; once it is valid, until when it may be used: see reuse rules. */
  expires_at: number
  validated_at: number | null
  /** JSON: the evidence of the proof. */
  evidence: string | null
  /** The ACME account that made it; null: the RPC door. */
  acme_account_id: Generated<number | null>
  state: Generated<AuthorizationState>
  /** The thumbprint of the account key when the challenge was chosen (RFC 8555 section 8.1). */
  thumbprint: Generated<string | null>
  /** JSON: problem name and message of the last failed look. */
  error: Generated<string | null>
  /** Looks at the chosen challenge so far. */
  attempts: Generated<number>
  /** When the runner has to look at the challenge; null: nothing is due. */
  run_at: Generated<number | null>
}

export interface ValidationAttemptTable {
  id: number
  /** The order that was looked at; null: an authorization that orders share. */
  order_id: number | null
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
  resource_type: 'order' | 'certificate' | 'user' | 'role' | 'policy'
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
  /** The API action that caused it; null for what the service does by itself. */
  action: Generated<string | null>
  /** What permission said; null where nobody was asked. */
  decision: Generated<'Allow' | 'Deny' | null>
  /** The code of the answer, `OK` for success; null for what no call caused. */
  code: Generated<string | null>
  /** The position in the log, from 0; null until it is sealed. */
  log_index: Generated<number | null>
  /** What `source_hash` was salted with. */
  source_salt: Generated<Uint8Array | null>
  /** Hex SHA-256 of salt and `source_ip`, as the log has it: stays when the address is deleted. */
  source_hash: Generated<string | null>
}

/** One row: the log that events are sealed into. */
export interface AuditLogTable {
  id: number
  /** Events in it. */
  size: number
  /** The latest signed checkpoint. */
  checkpoint: string
  /** Of the key that signs checkpoints. */
  name: string
  key_sealed: Uint8Array
  /** The public key, as verifiers of signed notes take it. */
  vkey: string
  lease_owner: string | null
  /** By the database's clock. */
  lease_until: number | null
  updated_at: number
  /** Signed note that says which bodies retention deletes. */
  deletion: string | null
  /** Position before which bodies may be missing, as the note says. */
  deleted_before: number
}

/** A RAM user: 18 digits that begin with 2 on the wire. */
export interface RamUserTable {
  id: number
  account_id: number
  name: string
  /** The name in lower case: names are unique whatever their case. */
  name_key: string
  display_name: string
  mobile_phone: string
  email: string
  comments: string
  created_at: number
  updated_at: number
}

export interface RamGroupTable {
  id: number
  account_id: number
  name: string
  name_key: string
  comments: string
  created_at: number
  updated_at: number
}

export interface RamRoleTable {
  id: number
  account_id: number
  name: string
  name_key: string
  description: string
  /** JSON: who may assume the role. */
  trust_document: string
  max_session_seconds: number
  created_at: number
  updated_at: number
}

/** A custom policy; system policies are in the code. */
export interface RamPolicyTable {
  id: number
  account_id: number
  name: string
  name_key: string
  description: string
  default_version: number
  last_version: number
  created_at: number
  updated_at: number
}

export interface RamAttachmentTable {
  account_id: number
  holder_kind: 'user' | 'group' | 'role'
  holder_id: number
  /** `System:<name in lower case>` or `Custom:<name in lower case>`. */
  policy_key: string
  policy_id: number | null
  attached_at: number
}

export interface OidcProviderTable {
  id: number
  account_id: number
  name: string
  name_key: string
  issuer_url: string
  /** JSON: list of texts. */
  client_ids: string
  /** JSON: list of texts. */
  fingerprints: string
  description: string
  issuance_limit_hours: number
  created_at: number
  updated_at: number
}

/** What a person decides about an OV or EV order. */
export interface ReviewTable {
  order_id: number
  account_id: number
  level: 'OV' | 'EV'
  /** Different people who have to approve. */
  approvals_needed: number
  /** `ended`: the order was withdrawn meanwhile. */
  state: 'open' | 'approved' | 'rejected' | 'ended'
  opened_at: number
  decided_at: number | null
}

export interface ReviewDecisionTable {
  id: number
  order_id: number
  /** The person: {@link import('../orders/person.ts').personOf}. */
  reviewer: string
  decision: 'approve' | 'reject'
  reason: string
  /** JSON: the reviewer's principal, and the checks that were made. */
  checks: string
  at: number
}

/** Where a certificate comes from: a product that is paid, one that is free, or elsewhere. */
export type CertificateOrigin = 'buy' | 'test' | 'upload'

/** A certificate as lists show it, issued or uploaded. Texts are empty where the certificate says nothing. */
export interface CertificateCardTable {
  id: number
  account_id: number
  source: 'order' | 'upload'
  origin: CertificateOrigin
  order_id: number | null
  /** `InstanceId` on the wire. */
  instance: string
  /** `ResourceId` on the wire: stays the same over renewals. */
  resource: string
  name: string
  /** The name in lower case: unique in the account. */
  name_key: string
  common_name: string
  /** Names, separated by commas. */
  sans: string
  /** The issuer's CN. */
  issuer: string
  organization: string
  country: string
  province: string
  city: string
  /** Hex, lower case. */
  serial: string
  /** Hex, lower case. */
  sha1: string
  sha256: string
  /** `RSA`, `ECC` or `SM2`. */
  algorithm: string
  key_size: number
  /** Of the issuer's signature, e.g. `SHA256withECDSA`; the OID of one without a name. */
  sign_algorithm: string
  /** 1: the private key is held. */
  has_key: number
  not_before: number
  not_after: number
  revoked_at: number | null
  deleted_at: number | null
  resource_group: string | null
  created_at: number
}

/** What keywords of many orders or certificates are looked for in, as one text: `storage/keyword-lines.ts`. */
export interface KeywordBlockTable {
  account_id: number
  kind: 'order' | 'certificate'
  max_id: number
  min_id: number
  /** Which groups of three characters the body holds. */
  grams: Uint8Array
  body: string
}

export interface UploadedCertificateTable {
  id: number
  account_id: number
  /** The certificate and what was uploaded with it; of an SM2 pair the signing one. */
  certificate_pem: string
  key_sealed: Uint8Array | null
  /** Of an SM2 pair alone. */
  encrypt_pem: string | null
  encrypt_key_sealed: Uint8Array | null
}

export interface CsrTable {
  id: number
  account_id: number
  name: string
  algorithm: 'RSA' | 'ECC' | 'SM2'
  key_size: number
  common_name: string
  sans: string
  country: string
  province: string
  locality: string
  organization: string
  department: string
  pem: string
  spki_sha256: string
  key_sealed: Uint8Array | null
  created_at: number
  updated_at: number
}

export interface ContactTable {
  id: number
  account_id: number
  name: string
  mobile: string
  email: string
  id_card_sealed: Uint8Array | null
  /** JSON: list of https addresses. */
  webhooks: string
  created_at: number
  updated_at: number
}

export interface CompanyTable {
  id: number
  account_id: number
  name: string
  code: string
  kind: number
  address: string
  phone: string
  city: string
  province: string
  post_code: string
  country: string
  lang: string
  email: string
  department: string
  created_at: number
  updated_at: number
}

/** An external account key (RFC 8555 section 7.3.4): what an ACME client may spend, and for whom. */
export interface EabKeyTable {
  /** The key identifier that the client sends as `kid`. */
  id: string
  account_id: number
  name: string
  /** The RAM user whose permissions count; null: the account's own. */
  user_id: number | null
  /** Null once the key is deleted. */
  mac_sealed: Uint8Array | null
  status: 'Active' | 'Inactive' | 'Deleted'
  /** JSON: list of product codes; the first one is the default. */
  products: string
  /** JSON: list of names or `*.x` that orders must be in; null: any. */
  domains: string | null
  /** JSON: list of tags that its orders get. */
  tags: string
  /** Units that its orders may take together; null: as the plans allow. */
  unit_limit: number | null
  units_used: number
  /** ACME accounts that may be bound to it; null: any number. */
  account_limit: number | null
  accounts_bound: number
  expires_at: number | null
  created_at: number
  updated_at: number
}

/** An account of the ACME door (RFC 8555 section 7.1.2). */
export interface AcmeAccountTable {
  id: number
  /** The tenant. */
  account_id: number
  /** Null: bound to the default account. */
  eab_key_id: string | null
  /** RFC 7638, SHA-256, base64url. Unique. */
  thumbprint: string
  /** JSON: the public key, canonical members only. */
  jwk: string
  status: 'valid' | 'deactivated' | 'revoked'
  /** JSON: list of contact URLs. */
  contacts: string
  /** JSON: the JWS of the external account binding, as it was sent. */
  binding: string | null
  created_at: number
  updated_at: number
}

/** What an order of the ACME door has beside every order (RFC 8555 section 7.1.3). */
export interface AcmeOrderTable {
  order_id: number
  account_id: number
  acme_account_id: number
  /** JSON: list of `{ type, value }` in the client's order, normalized. */
  identifiers: string
  /** The product as the client asked for it; null: the default. */
  profile: string | null
  not_before: number | null
  not_after: number | null
  /** The ARI identifier as the client sent it (RFC 9773 section 5). */
  replaces: string | null
  /** Null also when the order came to nothing: another may replace the certificate then. */
  replaces_certificate_id: number | null
  /** JSON: problem name and message; why the order is invalid. */
  error: string | null
}
