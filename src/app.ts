import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import { ACME_PATHS, createAcmeDoor } from './acme/serve-acme.ts'
import { actions, emulatorActions } from './actions/index.ts'
import { openCallRecorder } from './audit/call-recorder.ts'
import { findLogFile } from './audit/serve-log.ts'
import { createGateway } from './gateway/gateway.ts'
import { readRequestSource } from './gateway/request-source.ts'
import { renderProblem, sendReply } from './gateway/reply.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { ReplayGuards } from './open-replay-guards.ts'
import { renderOpenApi } from './openapi/openapi.ts'
import { servePki } from './pki/serve-pki.ts'
import { Problem } from './problem.ts'
import { createAccessKeyFinder } from './ram/access-keys.ts'
import { createCallLimits } from './ram/call-limits.ts'
import { openKeyUsage } from './ram/keys/key-usage.ts'
import { type LimitShare, wholeShare } from './ram/limits/limit-share.ts'
import { challengeWork } from './runner/challenge-work.ts'
import { crlWork } from './runner/crl-work.ts'
import { housekeepingWork } from './runner/housekeeping-work.ts'
import { orderWork } from './runner/order-work.ts'
import { type Runner, startRunner } from './runner/runner.ts'
import type { Services } from './services.ts'

/** Who may be served what on a listener. */
export interface Exposure {
  /** Signed calls are served; else only what anybody may read. */
  readonly signedCalls: boolean
  /** The ACME door is served. */
  readonly acme?: boolean
  /** `/metrics` and the hashes of the audit log are served. */
  readonly metrics?: boolean
}

/** What the service does, without ports and signals: {@link startProcess} gives it those, tests call it as it is. */
export interface App {
  /** The request listener of one port. */
  http(exposure: Exposure): RequestListener
  /** Starts the work that nobody asks for. */
  startRunner(owner: string): Runner
  /** From now on `/readyz` says no, and each answer ends its connection. */
  shutDown(): void
  /** Writes what is still in memory; after the last request. */
  close(): Promise<void>
}

export interface AppOptions {
  readonly replayGuards: ReplayGuards
  readonly metrics?: Metrics | undefined
  /** Where several processes divide the limits of calls. */
  readonly limitShare?: LimitShare
}

/** Puts the doors and the runner together over open services. */
export function createApp(services: Services, options: AppOptions): App {
  let shuttingDown = false
  const { settings } = services
  const usage = openKeyUsage(services)
  const calls = openCallRecorder(services)
  const { limitShare: share = wholeShare } = options
  const offered = services.emulator === undefined ? actions : [...actions, ...emulatorActions]
  // Made when somebody asks for it: most processes are never asked.
  let openApi: string | undefined
  const limits = createCallLimits({
    perSecond: settings.callsPerSecond,
    rates: settings.callRates ?? new Map(),
    failuresPerMinute: settings.failedCallsPerMinute,
    share: share.current,
    onCall: share.countCall,
    clock: services.wallClock,
  })
  const ofEachDoor = {
    limits,
    sourceOf: (req: IncomingMessage) => readRequestSource(req, settings.trustedProxies),
    isShuttingDown: () => shuttingDown,
  }
  const acmeDoor = createAcmeDoor({
    ...ofEachDoor,
    services,
    replayGuard: options.replayGuards.acme,
    randomUuid: randomUUID,
    onRequest(facts) {
      options.metrics?.onRequest(facts)
      calls.record(facts)
    },
  })
  const gateway = createGateway({
    ...ofEachDoor,
    actions: offered,
    services,
    findAccessKey: createAccessKeyFinder({
      db: services.db,
      sealer: services.sealer,
      secrets: services.secrets,
      clock: services.wallClock,
    }),
    clock: services.wallClock,
    replayGuard: options.replayGuards.signedCalls,
    access: services.access,
    log: services.log,
    onRequest(facts) {
      options.metrics?.onRequest(facts)
      calls.record(facts)
      if (facts.context !== undefined) usage.note(facts.context.caller.accessKeyId, services.clock())
    },
  })

  async function serve(req: IncomingMessage, res: ServerResponse, { signedCalls, acme, metrics }: Exposure): Promise<void> {
    const { url = '' } = req
    const queryAt = url.indexOf('?')
    const path = queryAt < 0 ? url : url.slice(0, queryAt)
    if (path === '/healthz') return sendText(res, 200, 'ok')
    if (path === '/readyz') return await answerReadiness(services, shuttingDown, res)
    if (path === '/openapi.json') return sendJson(res, (openApi ??= JSON.stringify(renderOpenApi(offered))))
    if (path.startsWith('/ca/') || path.startsWith('/crl/')) return await servePki(services, req, res)
    // Behind a proxy that is not trusted nobody knows where a call comes from: what the loopback allows is not for it.
    const isForwarded = isForwardedByStranger(services, req)
    if (path === '/metrics' && metrics === true && !isForwarded) return await sendMetrics(options.metrics, res)
    if (path.startsWith(AUDIT_FILES) && metrics === true && !isForwarded) return await sendLogFile(services, req, path, res)
    if (acme === true && !isForwarded && path.startsWith(ACME_PATHS)) return await acmeDoor(req, res)
    if (!signedCalls || isForwarded) return refusePlainHttp(req, res, isForwarded)
    await gateway(req, res)
  }

  return {
    http: (exposure) => (req, res) => {
      if (services.emulator !== undefined) res.setHeader('x-chancery-emulator', '1')
      serve(req, res, exposure).catch((error: unknown) => {
        services.log.error({ err: error }, 'a request could not be answered')
        res.destroy()
      })
    },
    startRunner(owner) {
      const works = [orderWork(services, owner), challengeWork(services), crlWork(services), housekeepingWork(services)]
      const runner = startRunner({ works, clock: services.clock, log: services.log })
      const stopListening = services.db.onNotify('due', () => runner.wake())
      services.emulator?.onMoved(() => runner.wake())
      return {
        wake: () => runner.wake(),
        async stop() {
          stopListening()
          await runner.stop()
        },
      }
    },
    shutDown() {
      shuttingDown = true
    },
    async close() {
      await usage.stop()
      await calls.stop()
    },
  }
}

async function answerReadiness({ db, log }: Services, shuttingDown: boolean, res: ServerResponse): Promise<void> {
  if (shuttingDown) return sendText(res, 503, 'stopping')
  try {
    await db.read.selectFrom('installation').select('id').executeTakeFirst()
    sendText(res, 200, 'ready')
  } catch (error) {
    log.warn({ err: error }, 'the database does not answer')
    sendText(res, 503, 'database')
  }
}

async function sendMetrics(metrics: Metrics | undefined, res: ServerResponse): Promise<void> {
  if (metrics === undefined) return sendText(res, 404, 'no metrics are kept')
  const body = await metrics.render()
  res.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' })
  res.end(body)
}

const AUDIT_FILES = '/audit/'

async function sendLogFile(services: Services, req: IncomingMessage, path: string, res: ServerResponse): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return sendText(res, 405, 'GET or HEAD')
  const file = await findLogFile(services, path.slice(AUDIT_FILES.length))
  if (file === undefined) return sendText(res, 404, 'the log has no such file')
  res.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.octets.length,
    'Cache-Control': file.isFixed ? 'max-age=31536000, immutable' : 'no-store',
  })
  res.end(req.method === 'HEAD' ? undefined : file.octets)
}

const FORWARDED_RULE = 'It carries the header of a proxy that CHANCERY_TRUSTED_PROXIES does not name.'
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'via']

function isForwardedByStranger({ settings }: Services, { headers, socket }: IncomingMessage): boolean {
  if (!FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false
  const peer = socket.remoteAddress
  return peer === undefined || !settings.trustedProxies.contains(peer)
}

function refusePlainHttp(req: IncomingMessage, res: ServerResponse, isForwarded: boolean): void {
  const requestId = randomUUID().toUpperCase()
  sendReply(res, requestId, {
    ...renderProblem(new Problem('needSsl', { rule: isForwarded ? FORWARDED_RULE : '' }), {
      requestId,
      host: req.headers.host,
      format: 'JSON',
    }),
    close: true,
  })
  req.resume()
}

function sendJson(res: ServerResponse, text: string): void {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' })
  res.end(text)
}

function sendText(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
  res.end(`${text}\n`)
}
