import { deactivateAuthorization } from '../orders/acme/deactivate-authorization.ts'
import { showAuthorization } from '../orders/acme/show-order.ts'
import { startChallenge } from '../orders/acme/start-challenge.ts'
import type { AuthorizationView, ChallengeView } from '../orders/acme/views.ts'
import { Problem } from '../problem.ts'
import { type AcmeRequest, callerOf, type Handler, jsonReply } from './handler.ts'
import { documentOfStored } from './problem-document.ts'
import { parseStrictObject } from './strict-json.ts'
import { formatInstant, readId } from './urls.ts'

/** A challenge that is being looked at is worth another look after so many seconds. */
const LOOK_AGAIN_S = '1'

/** An authorization shows itself, or is given up (RFC 8555 sections 7.5 and 7.5.2). */
export const authorization: Handler = async (request, services) => {
  const id = authorizationIdOf(request)
  const caller = callerOf(request)
  if (request.payload.length === 0) return reply(request, await showAuthorization(services, caller, id))
  if (parseStrictObject(request.payload, 'The payload')['status'] !== 'deactivated') {
    throw new Problem('acmeMalformed', { rule: 'The status of an authorization can only become deactivated.' })
  }
  return reply(request, await deactivateAuthorization(services, caller, id))
}

/** A challenge shows itself (POST-as-GET), or is chosen (a JSON object, of whatever content; RFC 8555 section 7.5.1). */
export const challenge: Handler = async (request, services) => {
  const id = authorizationIdOf(request)
  const type = request.params[1] ?? ''
  const caller = callerOf(request)
  if (request.payload.length > 0) parseStrictObject(request.payload, 'The payload')
  const view =
    request.payload.length === 0 ? await showAuthorization(services, caller, id) : await startChallenge(services, caller, id, type)
  const shown = view.challenges.find((one) => one.type === type)
  if (shown === undefined) throw new Problem('notFoundAuthorization')
  const link = `<${request.base}/acme/authorization/${id}>;rel="up"`
  const headers = shown.status === 'processing' ? { Link: link, 'Retry-After': LOOK_AGAIN_S } : { Link: link }
  return jsonReply(200, renderChallenge(request.base, view, shown), headers)
}

function authorizationIdOf({ params }: AcmeRequest): number {
  const id = readId(params[0])
  if (id === undefined) throw new Problem('notFoundAuthorization')
  return id
}

function reply({ base }: AcmeRequest, view: AuthorizationView) {
  return jsonReply(
    200,
    {
      identifier: view.identifier,
      status: view.status,
      expires: formatInstant(view.expires),
      challenges: view.challenges.map((one) => renderChallenge(base, view, one)),
      wildcard: view.wildcard ? true : undefined,
    },
    view.challenges.some(({ status }) => status === 'processing') ? { 'Retry-After': LOOK_AGAIN_S } : {},
  )
}

/** Flat while it is open: some clients read it with a pattern. JSON leaves out what is undefined. */
function renderChallenge(base: string, { id, token }: AuthorizationView, { type, status, validated, error }: ChallengeView): object {
  return {
    type,
    url: `${base}/acme/challenge/${id}/${type}`,
    status,
    token,
    validated: validated === undefined ? undefined : formatInstant(validated),
    error: error === undefined ? undefined : documentOfStored(error),
  }
}
