import type { Services } from '../services.ts'
import { listDueOrders, nextOrderDue } from '../storage/orders.ts'
import type { Work } from './work.ts'

/** A claim lasts this long, ms: longer than a task may take. */
const LEASE_MS = 60_000

/** Orders whose next step is due. On SQLite the ids in memory are the lease; on PostgreSQL rows are claimed. */
export function orderWork(services: Pick<Services, 'db' | 'clock' | 'advancer'>, owner: string): Work {
  const { db, clock, advancer } = services
  const taken = new Set<number>()

  async function take(limit: number): Promise<number[]> {
    const now = clock()
    // Some of the rows that are due may be running already: look further by as many.
    const due = await listDueOrders(db.read, now, limit + taken.size)
    const free = due.filter((id) => !taken.has(id)).slice(0, limit)
    if (db.engine === 'sqlite' || free.length === 0) return free
    return await db.write.claimOrders({ owner, now, leaseMs: LEASE_MS, limit })
  }

  return {
    name: 'order',
    async take(limit) {
      if (limit <= 0) return []
      const ids = await take(limit)
      return ids.map((id) => {
        taken.add(id)
        return {
          id: String(id),
          run: (signal: AbortSignal) => advancer.advance(id, signal).finally(() => taken.delete(id)),
        }
      })
    },
    next: () => nextOrderDue(db.read, clock()),
    async release() {
      if (db.engine === 'postgres') await db.write.releaseOrders({ owner })
    },
  }
}
