import { finalizeAcmeOrder } from '../orders/acme/finalize-order.ts'
import { placeAcmeOrder } from '../orders/acme/place-acme-order.ts'
import { showAcmeOrder } from '../orders/acme/show-order.ts'
import type { AcmeOrderView } from '../orders/acme/views.ts'
import { Problem } from '../problem.ts'
import { decodeBase64url } from './base64url.ts'
import { type AcmeReply, type AcmeRequest, callerOf, type Handler, jsonReply } from './handler.ts'
import { documentOfStored } from './problem-document.ts'
import { parseStrictObject } from './strict-json.ts'
import { formatInstant, readId } from './urls.ts'

/** newOrder (RFC 8555 section 7.4). */
export const newOrder: Handler = async (request, services) => {
  const { identifiers, profile, notBefore, notAfter, replaces } = parseStrictObject(request.payload, 'The payload')
  const view = await placeAcmeOrder(services, callerOf(request), { identifiers, profile, notBefore, notAfter, replaces })
  return replyWith(request, 201, view)
}

/** An order (RFC 8555 section 7.1.3). */
export const order: Handler = async (request, services) =>
  replyWith(request, 200, await showAcmeOrder(services, callerOf(request), orderIdOf(request)))

/** finalize (RFC 8555 section 7.4). */
export const finalize: Handler = async (request, services) => {
  const id = orderIdOf(request)
  const { csr } = parseStrictObject(request.payload, 'The payload')
  if (typeof csr !== 'string') throw new Problem('acmeMalformed', { rule: 'csr is the CSR in base64url.' })
  return replyWith(request, 200, await finalizeAcmeOrder(services, callerOf(request), id, decodeBase64url(csr, 'The CSR')))
}

function orderIdOf({ params }: AcmeRequest): number {
  const id = readId(params[0])
  if (id === undefined) throw new Problem('notFoundOrder')
  return id
}

/** Clients poll the Location of any of these answers. */
function replyWith({ base }: AcmeRequest, status: number, view: AcmeOrderView): AcmeReply {
  const location = `${base}/acme/order/${view.id}`
  const headers = view.retryAfterS === null ? { Location: location } : { Location: location, 'Retry-After': String(view.retryAfterS) }
  return jsonReply(status, renderOrder(base, view), headers)
}

/** JSON leaves out what is undefined. */
function renderOrder(base: string, view: AcmeOrderView): object {
  return {
    status: view.status,
    expires: formatInstant(view.expires),
    identifiers: view.identifiers,
    profile: view.profile,
    notBefore: view.notBefore === null ? undefined : formatInstant(view.notBefore),
    notAfter: view.notAfter === null ? undefined : formatInstant(view.notAfter),
    replaces: view.replaces ?? undefined,
    authorizations: view.authorizationIds.map((id) => `${base}/acme/authorization/${id}`),
    finalize: `${base}/acme/order/${view.id}/finalize`,
    certificate: view.certificateId === null ? undefined : `${base}/acme/certificate/${view.certificateId}`,
    error: view.error === null ? undefined : documentOfStored(view.error),
  }
}
