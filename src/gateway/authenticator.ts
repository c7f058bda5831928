import type { Parameter } from './parameters.ts'

/** One call as it arrived, decoded but not yet trusted. */
export interface Call {
  /** In upper case. */
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** Values by lower-case name, octets as latin1; repeated headers are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly query: readonly Parameter[]
  readonly form: readonly Parameter[]
  /** Query and form merged. */
  readonly parameters: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/** What a call says about its sender. Nothing of it is proven before `verify` returned. */
export interface Claim {
  readonly accessKeyId: string
  /** As sent; the form is checked by the caller. */
  readonly timestamp: string
  readonly nonce: string
  readonly securityToken: string | undefined
  /** @throws Problem signatureDoesNotMatch and other problems of a signature */
  readonly verify: (secret: string) => void
}

/** One way to authenticate a call. */
export interface Authenticator {
  readonly scheme: string
  /**
   * Reads the claim of a call of this scheme; undefined if it is of another one.
   *
   * @throws Problem if it is of this scheme and something is missing or malformed
   */
  readonly readClaim: (call: Call) => Claim | undefined
}
