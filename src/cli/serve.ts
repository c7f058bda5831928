import pino, { type Logger } from 'pino'
import type { Settings } from '../config.ts'
import { type RunningProcess, startProcess } from '../main.ts'
import { announce } from './announce.ts'

/** A fatal state of the database ends the process with this status (sysexits EX_SOFTWARE), so that a supervisor starts it anew. */
const FATAL_STATUS = 70
/** A second signal this long after the first, ms, is somebody who does not want to wait. */
const IMPATIENCE_MS = 1_000

/** Runs the service until SIGTERM, SIGINT or SIGHUP; a second one, a second later, ends it at once. */
export async function serve(settings: Settings): Promise<void> {
  // Nothing that this process creates is for anybody else on the machine.
  process.umask(0o077)
  const { log, flush } = openLog(settings)
  let ready: RunningProcess | undefined
  let stopping = false
  let stoppingSince = 0
  const stopped = Promise.withResolvers<void>()

  const stop = (signal: string): void => {
    if (stopping) {
      // A terminal signals npm and the service, and npm passes it on: that is one wish, not two.
      if (performance.now() - stoppingSince > IMPATIENCE_MS) process.exit(1)
      return
    }
    stopping = true
    stoppingSince = performance.now()
    log.info({ signal }, 'stopping')
    // Signalled while it starts: it stops as soon as it has started.
    ready?.stop().then(stopped.resolve, stopped.reject)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // The terminal was closed.
  process.on('SIGHUP', stop)

  ready = await startProcess(settings, log, (error) => {
    log.fatal({ err: error }, 'the database cannot be trusted any more')
    flush()
    process.exit(FATAL_STATUS)
  })
  if (stopping) ready.stop().then(stopped.resolve, stopped.reject)
  else announce(ready, settings)
  log.info({ engine: ready.services.db.engine, issuer: ready.services.authority.issuerId, roles: settings.roles }, 'ready')
  await stopped.promise
  log.info('stopped')
  flush()
}

/** JSON lines on standard error; standard output is for people. */
function openLog(settings: Settings): { log: Logger; flush: () => void } {
  const destination = pino.destination({ dest: 2, sync: false, minLength: 4096 })
  const log = pino({ level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  const timer = setInterval(() => destination.flush(), 500)
  timer.unref()
  return {
    log,
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // Nothing was written yet.
      }
    },
  }
}
