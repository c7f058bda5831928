import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import { actions, emulatorActions } from './actions/index.ts'
import { createGateway } from './gateway/gateway.ts'
import { renderProblem, sendReply } from './gateway/reply.ts'
import type { Metrics } from './metrics/metrics.ts'
import { servePki } from './pki/serve-pki.ts'
import { Problem } from './problem.ts'
import { createAccessKeyFinder } from './ram/access-keys.ts'
import { authorize } from './ram/authorize.ts'
import type { ReplayGuard } from './ram/replay-guard.ts'
import { createThrottle } from './ram/throttle.ts'
import { crlWork } from './runner/crl-work.ts'
import { housekeepingWork } from './runner/housekeeping-work.ts'
import { orderWork } from './runner/order-work.ts'
import { type Runner, startRunner } from './runner/runner.ts'
import type { Services } from './services.ts'

/** Who may be served what on a listener. */
export interface Exposure {
  /** Signed calls are served; else only what anybody may read. */
  readonly signedCalls: boolean
  /** `/metrics` is served. */
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
}

export interface AppOptions {
  readonly replayGuard: ReplayGuard
  /** The real time, ms: clients sign with theirs, also while the emulator's clock is moved. */
  readonly wallClock: () => number
  readonly metrics?: Metrics | undefined
}

/** Puts the doors and the runner together over open services. */
export function createApp(services: Services, options: AppOptions): App {
  let shuttingDown = false
  const gateway = createGateway({
    actions: services.emulator === undefined ? actions : [...actions, ...emulatorActions],
    services,
    findAccessKey: createAccessKeyFinder(services.db, services.sealer, options.wallClock),
    clock: options.wallClock,
    replayGuard: options.replayGuard,
    authorize: async (action, { caller }) => authorize(action, caller),
    throttle: createThrottle(services.settings.throttlePerKey, options.wallClock),
    log: services.log,
    isShuttingDown: () => shuttingDown,
    ...(options.metrics && { onRequest: options.metrics.onRequest }),
  })

  async function serve(req: IncomingMessage, res: ServerResponse, { signedCalls, metrics }: Exposure): Promise<void> {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    if (path === '/healthz') return sendText(res, 200, 'ok')
    if (path === '/readyz') return await answerReadiness(services, shuttingDown, res)
    if (path.startsWith('/ca/') || path.startsWith('/crl/')) return await servePki(services, req, res)
    // Behind a proxy that is not trusted nobody knows where a call comes from: what the loopback allows is not for it.
    const isForwarded = isForwardedByStranger(services, req)
    if (path === '/metrics' && metrics === true && !isForwarded) return await sendMetrics(options.metrics, res)
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
      const works = [orderWork(services, owner), crlWork(services), housekeepingWork(services)]
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

const FORWARDED_RULE = 'It carries the header of a proxy that CHANCERY_TRUSTED_PROXIES does not name.'
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'via']

function isForwardedByStranger({ settings }: Services, req: IncomingMessage): boolean {
  if (!FORWARDING_HEADERS.some((name) => req.headers[name] !== undefined)) return false
  const peer = req.socket.remoteAddress
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

function sendText(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
  res.end(`${text}\n`)
}
