/** Who calls, inside its account. */
export type Identity =
  /** The account itself, by a key of its own: no policy is asked. */
  | { readonly kind: 'account' }
  | { readonly kind: 'user'; readonly userId: number; readonly userName: string }
  /** A session of a role, by a temporary key. */
  | {
      readonly kind: 'session'
      readonly roleId: number
      readonly roleName: string
      readonly sessionName: string
      /** The policy given when the session began: JSON. */
      readonly policy?: string
      /** Who stands behind the session, as the first one of its chain named it. */
      readonly sourceIdentity?: string
      /** The user who began the first session of its chain; absent if an identity provider vouched for somebody. */
      readonly startedByUserId?: number
    }
  /** Nobody: an action that needs no key. Belongs to account 0, which does not exist. */
  | { readonly kind: 'anonymous' }

/** Who calls: an authenticated principal of one account. */
export interface Caller {
  /** The tenant: 16 digits, below 2^53. */
  readonly accountId: number
  /** Alibaba resource name of the principal, e.g. `acs:ram::1234567890123456:root`. */
  readonly principal: string
  readonly accessKeyId: string
  readonly identity: Identity
  /** The account of the ACME door that it calls by; then there is no access key. */
  readonly acmeAccountId?: number
}

/** What the gateway knows of the request that an action serves. */
export interface RequestContext {
  readonly caller: Caller
  /** The name of the action, e.g. `CreateCertificateRequest`. */
  readonly action: string
  /** Upper-case UUID, also sent as `x-acs-request-id`. */
  readonly requestId: string
  /** The address of the client: the peer's, or the one that a trusted proxy names. */
  readonly sourceIp: string
  /** The client's connection is TLS, here or at a trusted proxy. */
  readonly secureTransport: boolean
}
