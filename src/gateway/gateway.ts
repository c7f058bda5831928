import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Action, RequestContext } from './action.ts'
import { authenticate, consumeNonce } from './authenticate.ts'
import type { AccessKey, AuthenticationPorts } from './authenticate.ts'
import type { Authenticator, Call } from './authenticator.ts'
import { maxBodyBytes } from './http-limits.ts'
import { nestInput, parseInput } from './parse-input.ts'
import type { NestedInput } from './parameters.ts'
import { ClientGone } from './read-body.ts'
import { readCall } from './read-call.ts'
import { readFormat } from './read-format.ts'
import type { ReplayGuard } from '../ram/replay-guard.ts'
import { renderProblem, renderSuccess, sendReply } from './reply.ts'
import type { Format, Reply } from './reply.ts'
import { buildRoutes, route } from './route.ts'
import type { Routes } from './route.ts'

/** What is known of a request once it was answered; public words and figures only. */
export interface RequestFacts {
  /** Absent if the call named no known action. */
  readonly action?: string
  /** `OK`, the error code, or `ClientGone` if nobody was left to answer. */
  readonly code: string
  /** 0 if nobody was left to answer. */
  readonly status: number
  readonly ms: number
  /** Parameters that the action does not know and that were ignored. */
  readonly unknownParameters: number
}

/** What the gateway is built of; it knows no action, store or clock by itself. */
export interface GatewayOptions extends AuthenticationPorts {
  readonly actions: readonly Action[]
  readonly replayGuard: ReplayGuard
  /**
   * Refuses by throwing `Problem('noPermission')`; its parameters may carry the fields of `AccessDeniedDetail`.
   *
   * @param input nested parameters before the schema saw them, without the common ones
   */
  readonly authorize: (action: Action, context: RequestContext, input: NestedInput) => Promise<void>
  /** Counts one call of a key and says whether it is over its limit: true refuses. */
  readonly throttle: (accessKeyId: string) => boolean
  readonly services: Services
  readonly log: Logger
  readonly randomUuid?: () => string
  readonly bodyLimitBytes?: number
  readonly onRequest?: (facts: RequestFacts) => void
  /** While true each answer ends its connection. */
  readonly isShuttingDown?: () => boolean
  /** Ways to authenticate, tried in order; RPC V1 and ACS3 if absent. */
  readonly authenticators?: readonly Authenticator[]
}

/** What the pipeline learns about one request on its way, for answer and log. */
interface Visit {
  readonly requestId: string
  format: Format
  action?: Action
  accessKeyId?: string
  unknownParameters: number
}

/**
 * Builds the RPC door: a request listener for node:http(s) that serves `GET` and `POST` at `/`. The promise never rejects for what a client
 * does.
 */
export function createGateway(options: GatewayOptions): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const routes = buildRoutes(options.actions)
  const { randomUuid = randomUUID } = options
  return async (req, res) => {
    const started = performance.now()
    const visit: Visit = { requestId: randomUuid().toUpperCase(), format: 'JSON', unknownParameters: 0 }
    const { code, reply } = await answer(req, visit, { ...options, routes })
    if (reply !== undefined) sendReply(res, visit.requestId, options.isShuttingDown?.() === true ? { ...reply, close: true } : reply)
    record(options, visit, { code, status: reply?.status ?? 0, ms: performance.now() - started })
  }
}

interface Pipeline extends GatewayOptions {
  readonly routes: Routes
}

interface Answer {
  readonly code: string
  readonly reply: Reply | undefined
}

async function answer(req: IncomingMessage, visit: Visit, pipeline: Pipeline): Promise<Answer> {
  try {
    return { code: 'OK', reply: await serve(req, visit, pipeline) }
  } catch (error) {
    if (error instanceof ClientGone) return { code: 'ClientGone', reply: undefined }
    if (!(error instanceof Problem)) logBug(pipeline.log, visit, error)
    const problem = error instanceof Problem ? error : new Problem('internalError')
    if (problem.cause !== undefined && problem.status >= 500) logCause(pipeline.log, visit, problem)
    const reply = renderProblem(problem, { requestId: visit.requestId, host: req.headers.host, format: visit.format })
    return { code: problem.code, reply: { ...reply, close: problem.problem === 'requestTooLarge' } }
  }
}

/** The order of checks: route, format, identity, load, replay, permission, parameters. Permission goes first so that refusals tell nothing. */
async function serve(req: IncomingMessage, visit: Visit, pipeline: Pipeline): Promise<Reply> {
  const call = await readCall(req, pipeline.bodyLimitBytes ?? maxBodyBytes)
  const action = routeInFormat(call, visit, pipeline.routes)
  const authenticated = await authenticate(call, pipeline, pipeline.authenticators)
  const { key } = authenticated
  visit.accessKeyId = key.accessKeyId
  if (pipeline.throttle(key.accessKeyId)) throw new Problem('throttling', { retryAfterMs: throttledRetryMs })
  await consumeNonce(pipeline.replayGuard, authenticated)
  assertOwnAccount(call, key)
  const context = contextOf(req, visit, key)
  const raw = nestInput(action, call.parameters)
  visit.unknownParameters = raw.unknownParameters
  await pipeline.authorize(action, context, raw.input)
  const output = await action.run(parseInput(action, raw), context, pipeline.services)
  return renderSuccess(action.name, visit.requestId, visit.format, declaredFields(action, output))
}

const throttledRetryMs = '1000'

/** A wrong version or action is reported before a wrong format, yet in the format that was asked for. */
function routeInFormat(call: Call, visit: Visit, routes: Routes): Action {
  let formatProblem: unknown
  try {
    visit.format = readFormat(call)
  } catch (error) {
    formatProblem = error
  }
  visit.action = route(routes, call)
  if (formatProblem !== undefined) throw formatProblem
  return visit.action
}

function assertOwnAccount(call: Call, key: AccessKey): void {
  const owner = call.parameters.get('ResourceOwnerAccount')
  if (!owner || owner === String(key.accountId)) return
  throw new Problem('noPermission', { rule: 'ResourceOwnerAccount is not the account of the caller.' })
}

function contextOf(req: IncomingMessage, visit: Visit, key: AccessKey): RequestContext {
  const { accountId, principal, accessKeyId } = key
  const sourceIp = (req.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
  return { caller: { accountId, principal, accessKeyId }, requestId: visit.requestId, sourceIp }
}

/** What an action returns beside its declared output never leaves the process. */
function declaredFields(action: Action, output: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(action.output.shape).filter((name) => name !== 'RequestId' && output[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, output[name]]))
}

function record(options: GatewayOptions, visit: Visit, outcome: Pick<RequestFacts, 'code' | 'status' | 'ms'>): void {
  const { action, accessKeyId, requestId, unknownParameters } = visit
  options.log.info({ requestId, action: action?.name, accessKeyId, ...outcome }, 'rpc call')
  options.onRequest?.({ ...(action !== undefined && { action: action.name }), unknownParameters, ...outcome })
}

/** What stood in the way of a call is for the operator; it comes from the database's driver, not from the client. */
function logCause(log: Logger, visit: Visit, { code, cause }: Problem): void {
  log.warn(
    { requestId: visit.requestId, action: visit.action?.name, code, cause: cause instanceof Error ? cause.message : String(cause) },
    'rpc call refused',
  )
}

/** Messages of foreign errors may quote what the client sent, secrets among them: only names and places are logged. */
function logBug(log: Logger, visit: Visit, error: unknown): void {
  const known = error instanceof Error ? error : new Error()
  const at = known.stack?.slice(Math.max(known.stack.indexOf('\n    at '), 0)).trim()
  log.error({ requestId: visit.requestId, action: visit.action?.name, error: { name: known.name, at } }, 'rpc call failed')
}
