import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { serveAdminSocket } from './admin/socket.ts'
import { type App, createApp } from './app.ts'
import type { ListenAddress, Settings } from './config.ts'
import { openAuditSealer } from './audit/sealer.ts'
import { answerClientError } from './gateway/answer-client-error.ts'
import { httpServerOptions } from './gateway/http-limits.ts'
import { watchMasterKeys } from './installation/follow-master-keys.ts'
import type { OpenedInstallation } from './installation/open-installation.ts'
import { loadServiceCertificate } from './installation/service-certificate.ts'
import { createMetrics } from './metrics/metrics.ts'
import { openReplayGuards } from './open-replay-guards.ts'
import { openServices, type ServicePorts } from './open-services.ts'
import { openLimitShare, wholeShare } from './ram/limits/limit-share.ts'
import type { Services } from './services.ts'
import type { DatabaseFatalError } from './storage/errors.ts'

/** In-flight requests get so long at a stop, ms. */
const GRACE_MS = 10_000
/** How often the certificate of the HTTPS listener is looked at, ms. */
const CERTIFICATE_LOOK_MS = 86_400_000

/** A process that serves. */
export interface RunningProcess {
  readonly services: Services
  readonly installation: OpenedInstallation
  /** Base addresses of what listens, as clients call them. */
  readonly addresses: { readonly http?: string; readonly https?: string; readonly admin?: string }
  /** Finishes what is in flight, gives leases back, saves the replay guards, closes the database. */
  stop(): Promise<void>
}

/**
 * Starts a process: opens the services, then the listeners and the runner that its roles ask for.
 *
 * @param onFatal the database can no longer be trusted; the process has to end
 */
export async function startProcess(
  settings: Settings,
  log: Logger,
  onFatal: (error: DatabaseFatalError) => void,
  ports: ServicePorts = {},
): Promise<RunningProcess> {
  const metrics = ports.metrics ?? (settings.adminListen === 'off' ? undefined : createMetrics())
  const { services, installation, close } = await openServices(settings, log, onFatal, { ...ports, metrics })
  const stops: (() => Promise<void>)[] = [close]
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    // What fails to stop (leases that cannot be given back to a database that is gone) must not keep the rest open.
    for (const next of stops.splice(0).toReversed()) await next().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'the process did not stop cleanly')
  }
  try {
    const replayGuards = await openReplayGuards(services, installation, ports.clock ?? Date.now)
    stops.push(replayGuards.close)
    const share =
      services.db.engine === 'postgres' ? await openLimitShare(services, `${hostname()}:${process.pid}:${randomUUID()}`) : wholeShare
    stops.push(share.stop)
    const app = createApp(services, { replayGuards, metrics, limitShare: share })
    stops.push(() => app.close())
    const masterKeys = await watchMasterKeys(services)
    stops.push(() => masterKeys.stop())
    stops.push(await openAdminSocket(services))
    if (settings.roles.includes('worker')) {
      const owner = randomUUID()
      const audit = await openAuditSealer(services, owner)
      stops.push(() => audit.stop())
      const runner = app.startRunner(owner)
      stops.push(() => runner.stop())
    }
    const doors: (() => Promise<void>)[] = []
    // All at once: each may wait for its last request.
    stops.push(async () => {
      app.shutDown()
      await Promise.all(doors.map((close) => close()))
    })
    const addresses = await openListeners(app, services, installation, doors)
    return { services, installation, addresses, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A data folder whose path is too long for a socket costs the local commands, not the service. */
async function openAdminSocket(services: Services): Promise<() => Promise<void>> {
  try {
    const admin = await serveAdminSocket(services)
    return () => admin.close()
  } catch (error) {
    services.log.warn({ err: error }, 'local commands cannot reach this process: stop it to use them')
    return () => Promise.resolve()
  }
}

async function openListeners(
  app: App,
  services: Services,
  installation: OpenedInstallation,
  doors: (() => Promise<void>)[],
): Promise<RunningProcess['addresses']> {
  const { settings } = services
  const addresses: { http?: string; https?: string; admin?: string } = {}
  const served = { signedCalls: settings.roles.includes('api'), acme: settings.roles.includes('acme') }
  if (settings.httpListen !== 'off') {
    const server = createServer(httpServerOptions, app.http(isLoopback(settings.httpListen) ? served : { signedCalls: false }))
    addresses.http = await open(server, settings.httpListen, 'http', doors)
  }
  if (settings.httpsListen !== 'off') {
    const certificate = await listenerCertificate(services, installation)
    const server = createTlsServer({ ...httpServerOptions, ...certificate, minVersion: 'TLSv1.2' }, app.http(served))
    doors.push(keepCertificateFresh(server, services, installation))
    addresses.https = await open(server, settings.httpsListen, 'https', doors)
  }
  if (settings.adminListen !== 'off') {
    addresses.admin = await open(
      createServer(httpServerOptions, app.http({ signedCalls: false, metrics: true })),
      settings.adminListen,
      'http',
      doors,
    )
  }
  return addresses
}

/** A process may run longer than its certificate is valid: a newer one, ours or the operator's, is put to use each day. */
function keepCertificateFresh(server: TlsServer, services: Services, installation: OpenedInstallation): () => Promise<void> {
  const timer = setInterval(() => {
    listenerCertificate(services, installation).then(
      (certificate) => server.setSecureContext(certificate),
      (error: unknown) => services.log.error({ err: error }, 'the certificate of the HTTPS listener could not be renewed'),
    )
  }, CERTIFICATE_LOOK_MS)
  timer.unref()
  return () => Promise.resolve(clearInterval(timer))
}

async function listenerCertificate(services: Services, { rootAccountId }: OpenedInstallation): Promise<{ cert: string; key: string }> {
  const { tlsCertFile, tlsKeyFile } = services.settings
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return await loadServiceCertificate(services, rootAccountId)
  return { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') }
}

async function open(
  server: Server,
  { host, port }: ListenAddress,
  scheme: 'http' | 'https',
  doors: (() => Promise<void>)[],
): Promise<string> {
  server.on('clientError', answerClientError)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  doors.push(() => closeServer(server))
  const { port: real } = server.address() as AddressInfo
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${real}`
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearTimeout(late)
}

function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
