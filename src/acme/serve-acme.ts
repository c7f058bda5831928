import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestContext } from '../gateway/caller.ts'
import type { RequestFacts } from '../gateway/request-facts.ts'
import { Problem, type ProblemName } from '../problem.ts'
import type { CallLimits } from '../ram/call-limits.ts'
import type { ReplayGuard } from '../ram/replay-guard.ts'
import type { Services } from '../services.ts'
import { openAcmeAccounts } from './accounts.ts'
import { admitRequest } from './admit-request.ts'
import type { AcmeReply, AcmeRequest, DoorServices } from './handler.ts'
import { createNonces } from './nonces.ts'
import { acmeErrorOf } from './problem-document.ts'
import { ClientGone } from './read-body.ts'
import { preflight, problemReply } from './replies.ts'
import { findResource, methodsOf, type Resource } from './resources.ts'
import { basesOf } from './urls.ts'

/** What the door is built of. */
export interface AcmeDoorOptions {
  readonly services: Services
  readonly replayGuard: ReplayGuard
  readonly limits: CallLimits
  /** Whose request it is, by connection and the headers of proxies that are trusted. */
  readonly sourceOf: (req: IncomingMessage) => { readonly ip: string; readonly secure: boolean }
  readonly randomUuid: () => string
  readonly isShuttingDown: () => boolean
  readonly onRequest: (facts: RequestFacts) => void
}

/** What is learnt about one request on its way, for answer and log. */
interface Visit {
  readonly req: IncomingMessage
  readonly requestId: string
  readonly source: { readonly ip: string; readonly secure: boolean }
  resource?: Resource
  request?: AcmeRequest
}

/** Below which the door's paths are. */
export const ACME_PATHS = '/acme/'

/** Builds the ACME door (RFC 8555): a request listener for paths below `/acme/`. The promise never rejects for what a client does. */
export function createAcmeDoor(options: AcmeDoorOptions): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const services: DoorServices = { ...options.services, accounts: openAcmeAccounts(options.services) }
  const nonces = createNonces(services, options.replayGuard)
  const ports = { services, nonces, limits: options.limits }

  async function serve(visit: Visit): Promise<AcmeReply> {
    const { req, requestId, source } = visit
    const [path, query] = splitOnce(req.url ?? '', '?')
    const found = findResource(path.slice(ACME_PATHS.length))
    if (found === undefined) throw new Problem('acmeNotFound')
    const { resource, params } = found
    visit.resource = resource
    const methods = methodsOf(resource)
    const method = req.method ?? ''
    if (!methods.includes(method)) throw new Problem('acmeMethod', { methods: methods.join(', ') })
    if (method === 'OPTIONS') return preflight(methods)
    const context: RequestContext = {
      caller: NOBODY,
      action: resource.name,
      requestId,
      sourceIp: source.ip,
      secureTransport: source.secure,
    }
    if (method === 'POST') visit.request = await admitRequest({ req, resource, params, query, context }, ports)
    else
      visit.request = {
        payload: NOTHING,
        params,
        query,
        context,
        base: baseOf(req),
        url: `${baseOf(req)}${req.url ?? ''}`,
        headers: req.headers,
      }
    const keyId = keyToBeOpen(visit.request, resource)
    if (keyId !== undefined) await services.eabKeys.load(keyId)
    return await resource.run(visit.request, services)
  }

  const baseOf = (req: IncomingMessage) => basesOf(services, req)[0] ?? ''

  function refuse(visit: Visit, error: unknown): { problem: Problem; reply: AcmeReply } {
    if (error instanceof Problem && isFailure(error, visit.request)) options.limits.countFailure(visit.source.ip)
    if (!(error instanceof Problem)) logBug(visit, error)
    const problem = error instanceof Problem ? error : new Problem('internalError')
    return { problem, reply: problemReply(problem, visit.request?.base ?? baseOf(visit.req), services) }
  }

  /** What all answers have (RFC 8555 sections 6.1, 6.5 and 7.1). */
  function send(res: ServerResponse, { req, requestId, resource, request }: Visit, reply: AcmeReply): void {
    const base = request?.base
    const { body = '' } = reply
    const headers: Record<string, string | number | readonly string[]> = { ...ofEachAnswer, 'X-Request-Id': requestId, ...reply.headers }
    if (resource?.path !== 'directory') {
      const { Link: links = [] } = headers
      headers['Link'] = [`<${base ?? baseOf(req)}/acme/directory>;rel="index"`, ...(Array.isArray(links) ? links : [String(links)])]
    }
    if (req.method === 'POST' || resource?.path === 'new-nonce') headers['Replay-Nonce'] = nonces.make()
    if (options.isShuttingDown()) headers['Connection'] = 'close'
    // A text leaves in one piece with the headers.
    if (reply.status !== 204) headers['Content-Length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    const isHead = req.method === 'HEAD'
    res.writeHead(isHead && reply.status === 204 ? 200 : reply.status, headers as Record<string, string>)
    res.end(isHead || body.length === 0 ? undefined : body)
  }

  function record(visit: Visit, outcome: { problem?: Problem; status: number; gone?: boolean; ms: number }): void {
    const { resource, request, requestId, source } = visit
    const { problem, status, ms } = outcome
    const code = outcome.gone === true ? 'ClientGone' : (problem?.code ?? 'OK')
    const acmeAccountId = request?.caller?.acmeAccountId
    const error = problem && acmeErrorOf(problem).type
    services.log.info({ requestId, action: resource?.name, acmeAccountId, code, error, status, ms }, 'acme request')
    // What anybody may read is in the log alone.
    if (visit.req.method !== 'POST') return
    options.onRequest({
      action: resource && { name: resource.name, access: isLook(resource, request, status) ? 'get' : resource.access },
      context: request?.caller && request.context,
      requestId,
      sourceIp: source.ip,
      code,
      status,
      ms,
      unknownParameters: 0,
    })
  }

  function logBug({ requestId, resource }: Visit, error: unknown): void {
    const known = error instanceof Error ? error : new Error()
    // Messages of foreign errors may quote what the client sent.
    const at = known.stack?.slice(Math.max(known.stack.indexOf('\n    at '), 0)).trim()
    services.log.error({ requestId, action: resource?.name, error: { name: known.name, at } }, 'acme request failed')
  }

  return async (req, res) => {
    const started = performance.now()
    const visit: Visit = { req, requestId: options.randomUuid().toUpperCase(), source: options.sourceOf(req) }
    try {
      const reply = await serve(visit)
      send(res, visit, reply)
      record(visit, { status: reply.status, ms: performance.now() - started })
    } catch (error) {
      if (error instanceof ClientGone) return record(visit, { status: 0, gone: true, ms: performance.now() - started })
      const { problem, reply } = refuse(visit, error)
      send(res, visit, reply)
      // What was not read of the body must not keep the connection.
      req.resume()
      record(visit, { problem, status: reply.status, ms: performance.now() - started })
    }
  }
}

const NOTHING = Buffer.alloc(0)
const ofEachAnswer = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Link, Location, Replay-Nonce, Retry-After',
} as const
const NOBODY = { accountId: 0, principal: 'anonymous', accessKeyId: '', identity: { kind: 'anonymous' } } as const

/** What somebody who tries out keys meets, or who uses up nonces without a signature. */
const guesses: ReadonlySet<ProblemName> = new Set([
  'acmeBadSignature',
  'acmeBadAlgorithm',
  'acmeAccountNotFound',
  'acmeBadBinding',
  'eabKeyUnusable',
])

/** Counted by source: guesses, and whatever was signed by a key of nobody and refused. Anybody can make such keys. */
function isFailure({ problem }: Problem, request: AcmeRequest | undefined): boolean {
  return request?.caller === undefined && (guesses.has(problem) || (request?.jwk !== undefined && problem !== 'serviceUnavailable'))
}

/**
 * The external account key that has to be usable for this request. An account whose key is off, deleted or expired looks at what it has and
 * ends it; it gets nothing new.
 */
function keyToBeOpen({ caller, payload }: AcmeRequest, { onlyShows, onlyEnds }: Resource): string | undefined {
  return onlyShows || onlyEnds || payload.length === 0 ? undefined : (caller?.eabKeyId ?? undefined)
}

/** Nothing was changed: it is put on record as a look. */
function isLook({ access }: Resource, request: AcmeRequest | undefined, status: number): boolean {
  return request?.payload.length === 0 || (access === 'create' && status === 200)
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
