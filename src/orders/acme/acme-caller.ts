import type { RequestContext } from '../../gateway/caller.ts'

/** Who calls at the ACME door: an account of it, and the principal of the tenant that it stands for. */
export interface AcmeCaller {
  readonly acmeAccountId: number
  /** RFC 7638 thumbprint of the key that signed this request. */
  readonly thumbprint: string
  /** The external account key that the account is bound to; null: the default account pays. */
  readonly eabKeyId: string | null
  /** The tenant's principal; `action` is the ACME one, e.g. `AcmeNewOrder`. */
  readonly context: RequestContext
}
