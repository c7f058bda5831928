import type { Caller, RequestContext } from '../../src/gateway/caller.ts'
import { rootPrincipal } from '../../src/ram/principals.ts'

/** The account itself, by one of its keys. */
export function accountCaller(accountId: number, accessKeyId: string): Caller {
  return { accountId, principal: rootPrincipal(accountId), accessKeyId, identity: { kind: 'account' } }
}

/** What the gateway would know of a call. */
export function contextOf(caller: Caller, changes: Partial<RequestContext> = {}): RequestContext {
  return { caller, action: 'CreateCertificateRequest', requestId: 'A-REQUEST', sourceIp: '127.0.0.1', secureTransport: false, ...changes }
}
