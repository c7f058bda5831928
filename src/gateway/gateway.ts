import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { Problem, type ProblemName } from '../problem.ts'
import type { Services } from '../services.ts'
import type { AccessControl } from '../ram/access-control.ts'
import type { CallLimits } from '../ram/call-limits.ts'
import type { Action } from './action.ts'
import type { Caller, RequestContext } from './caller.ts'
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
import type { RequestFacts } from './request-facts.ts'
import { renderProblem, renderSuccess, sendReply } from './reply.ts'
import type { Format, Reply } from './reply.ts'
import type { RequestSource } from './request-source.ts'
import { buildRoutes, route } from './route.ts'
import type { Routes } from './route.ts'

/** What the gateway is built of; it knows no action, store or clock by itself. */
export interface GatewayOptions extends AuthenticationPorts {
  readonly actions: readonly Action[]
  readonly replayGuard: ReplayGuard
  readonly access: Pick<AccessControl, 'assertAllowed'>
  readonly limits: CallLimits
  /** Whose request it is, by connection and the headers of proxies that are trusted. */
  readonly sourceOf: (req: IncomingMessage) => RequestSource
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
  readonly source: RequestSource
  format: Format
  action?: Action
  context?: RequestContext
  resources?: readonly string[]
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
    const visit: Visit = { requestId: randomUuid().toUpperCase(), source: options.sourceOf(req), format: 'JSON', unknownParameters: 0 }
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
    if (error instanceof Problem && guesses.has(error.problem)) pipeline.limits.countFailure(visit.source.ip)
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
  const context = action.anonymous === true ? admitAnonymous(action, visit, pipeline) : await identify(call, action, visit, pipeline)
  visit.context = context
  const raw = nestInput(action, call.parameters)
  visit.unknownParameters = raw.unknownParameters
  await authorize(action, context, raw.input, visit, pipeline)
  const output = await action.run(parseInput(action, raw), context, pipeline.services)
  return renderSuccess(action.name, visit.requestId, visit.format, declaredFields(action, output))
}

/** Who calls: signature, limits and nonce, in this order. */
async function identify(call: Call, action: Action, visit: Visit, pipeline: Pipeline): Promise<RequestContext> {
  const { limits } = pipeline
  refuseOverLimit(limits.admitAddress(visit.source.ip))
  const authenticated = await authenticate(call, pipeline, pipeline.authenticators)
  const context = contextOf(action, visit, authenticated.key)
  refuseOverLimit(limits.admit(context.caller, action, visit.source.ip))
  await consumeNonce(pipeline.replayGuard, authenticated)
  assertOwnAccount(call, authenticated.key)
  return context
}

/** What somebody who tries out keys, secrets and tokens meets: counted by source. */
const guesses: ReadonlySet<ProblemName> = new Set([
  'accessKeyNotFound',
  'accessKeyInactive',
  'signatureDoesNotMatch',
  'securityTokenMalformed',
  'securityTokenMismatch',
  'oidcTokenInvalid',
  'oidcInvalidSignature',
])

function admitAnonymous(action: Action, visit: Visit, { limits }: Pipeline): RequestContext {
  refuseOverLimit(limits.admitAddress(visit.source.ip))
  const nobody = { accountId: 0, principal: 'anonymous', accessKeyId: '', identity: { kind: 'anonymous' } } as const
  const context = contextOf(action, visit, nobody)
  refuseOverLimit(limits.admit(context.caller, action, visit.source.ip))
  return context
}

function refuseOverLimit(retryAfterMs: number | undefined): void {
  if (retryAfterMs !== undefined) throw new Problem('throttling', { retryAfterMs: String(Math.ceil(retryAfterMs)) })
}

async function authorize(action: Action, context: RequestContext, input: NestedInput, visit: Visit, { access }: Pipeline): Promise<void> {
  const { target } = action
  const resources = target?.resources?.(input, context.caller) ?? []
  visit.resources = resources
  if (action.decidedBy === 'action') return
  const conditions = target?.conditions?.bind(target)
  await access.assertAllowed(context, {
    action: action.ramAction,
    resources,
    ...(conditions && { conditions: () => conditions(input) }),
  })
}

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

function contextOf(action: Action, { requestId, source }: Visit, key: Caller): RequestContext {
  const { accountId, principal, accessKeyId, identity } = key
  const caller = { accountId, principal, accessKeyId, identity }
  return { caller, action: action.name, requestId, sourceIp: source.ip, secureTransport: source.secure }
}

/** What an action returns beside its declared output never leaves the process. */
function declaredFields(action: Action, output: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(action.output.shape).filter((name) => name !== 'RequestId' && output[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, output[name]]))
}

function record(options: GatewayOptions, visit: Visit, outcome: Pick<RequestFacts, 'code' | 'status' | 'ms'>): void {
  const { action, context, resources, requestId, source, unknownParameters } = visit
  const accessKeyId = context?.caller.accessKeyId
  options.log.info({ requestId, action: action?.name, accessKeyId, ...outcome }, 'rpc call')
  options.onRequest?.({
    ...(action !== undefined && { action }),
    ...(context !== undefined && { context }),
    ...(resources !== undefined && { resources }),
    requestId,
    sourceIp: source.ip,
    unknownParameters,
    ...outcome,
  })
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
