import type { Logger } from 'pino'
import type { Services } from '../../services.ts'

/** When access keys were used last: kept in memory and written now and then, so that no call waits for it. */
export interface KeyUsage {
  /** A key signed a call, at this instant (ms). */
  note(accessKeyId: string, at: number): void
  /** Writes what is new. A crash loses at most what was noted since. */
  flush(): Promise<void>
  stop(): Promise<void>
}

const FLUSH_MS = 60_000
const MOST_KEYS = 10_000
/** Writes are short: so many keys at once. */
const KEYS_A_WRITE = 100

export function openKeyUsage({ db, log }: Pick<Services, 'db'> & { readonly log: Logger }): KeyUsage {
  let latest = new Map<string, number>()

  async function flush(): Promise<void> {
    const uses = [...latest].map(([accessKeyId, at]) => ({ accessKeyId, at }))
    latest = new Map()
    for (let start = 0; start < uses.length; start += KEYS_A_WRITE) await db.write.noteKeyUse(uses.slice(start, start + KEYS_A_WRITE))
  }

  const timer = setInterval(() => {
    flush().catch((error: unknown) => log.warn({ err: error }, 'the last use of access keys could not be stored'))
  }, FLUSH_MS)
  timer.unref()

  return {
    note(accessKeyId, at) {
      // A temporary key has no row; beyond the limit a use is not noted until the next flush.
      if (accessKeyId === '' || accessKeyId.startsWith('STS.') || (latest.size >= MOST_KEYS && !latest.has(accessKeyId))) return
      latest.set(accessKeyId, at)
    },
    flush,
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
