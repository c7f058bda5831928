import type { IncomingHttpHeaders } from 'node:http'
import type { RequestContext } from '../gateway/caller.ts'
import type { AcmeCaller } from '../orders/acme/acme-caller.ts'
import type { Services } from '../services.ts'
import type { AcmeAccounts } from './accounts.ts'
import type { SigningKey } from './signing-key.ts'

/** A request that reached its resource: signature, nonce and `url` are right, the limits are kept. */
export interface AcmeRequest {
  /** Signed by an account (`kid`); undefined where a bare key signed, or nobody had to. */
  readonly caller?: AcmeCaller | undefined
  /** Signed by a bare key (`jwk`). */
  readonly jwk?: SigningKey | undefined
  /** The octets of the JWS payload; empty: POST-as-GET, or a GET. */
  readonly payload: Buffer
  /** Variable parts of the path, percent signs and all, e.g. `['17', 'http-01']` of `/acme/challenge/17/http-01`. */
  readonly params: readonly string[]
  /** The part of the URL after `?`, without it. */
  readonly query: string
  readonly context: RequestContext
  /** Where the client finds the service: scheme, host and port, no slash at the end. URLs in answers begin with it. */
  readonly base: string
  /** The URL of the request, as signed. */
  readonly url: string
  /** The URL of the account, as signed. */
  readonly kid?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** An answer; the door adds what all answers have (nonce, index, cache rule, CORS). */
export interface AcmeReply {
  readonly status: number
  /** `Link` may have several values; none of them is the index. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Absent: an empty body. Its type is a header. */
  readonly body?: string | Uint8Array
}

/** What handlers work with: the services, and the accounts of the door. */
export type DoorServices = Services & { readonly accounts: AcmeAccounts }

/** One resource of the door; throws Problem. */
export type Handler = (request: AcmeRequest, services: DoorServices) => Promise<AcmeReply>

/** A JSON object on one line: some clients read it with patterns. */
export function jsonReply(status: number, body: object, headers: AcmeReply['headers'] = {}): AcmeReply {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** The caller of a resource that accounts alone reach. */
export function callerOf({ caller }: AcmeRequest): AcmeCaller {
  if (caller === undefined) throw new Error('the resource was reached without an account')
  return caller
}

/** The key of a resource that bare keys alone reach. */
export function signingKeyOf({ jwk }: AcmeRequest): SigningKey {
  if (jwk === undefined) throw new Error('the resource was reached without a key')
  return jwk
}
