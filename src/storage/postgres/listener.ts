import pg from 'pg'
import { connectionOptions } from './connection.ts'
import { NOTIFY_CHANNEL } from './group-runner.ts'

const RECONNECT_MS = 1_000

/** One connection that listens; it comes back by itself. What is notified meanwhile is lost: notices are hints. */
export function createListener(url: string, onNotice: (payload: string) => void): { close(): Promise<void> } {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function connect(): Promise<void> {
    const next = new pg.Client(connectionOptions(url, 'listener'))
    next.on('error', () => {})
    next.on('end', reconnectSoon)
    next.on('notification', ({ payload }) => onNotice(payload ?? ''))
    client = next
    try {
      await next.connect()
      await next.query(`listen ${NOTIFY_CHANNEL}`)
    } catch {
      await next.end().catch(() => {})
      reconnectSoon()
    }
  }

  function reconnectSoon(): void {
    if (closed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void connect()
    }, RECONNECT_MS)
  }

  void connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
