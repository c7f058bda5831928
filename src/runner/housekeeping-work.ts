import { applyRetention } from '../audit/retention.ts'
import { sweepNonces } from '../ram/postgres-replay-guard.ts'
import type { Services } from '../services.ts'
import { packLines } from './pack-lines.ts'
import type { Work } from './work.ts'

const PERIOD_MS = 60_000

/** Each minute: deletes what has expired and nobody will ask for. Every process may do it; doing it twice does no harm. */
export function housekeepingWork(services: Pick<Services, 'db' | 'clock' | 'settings' | 'sealer' | 'operatorAccountId'>): Work {
  const { db, clock } = services
  let dueAt = clock() + PERIOD_MS
  return {
    name: 'housekeeping',
    take() {
      const now = clock()
      if (now < dueAt) return Promise.resolve([])
      dueAt = now + PERIOD_MS
      return Promise.resolve([
        {
          id: 'expired',
          async run() {
            while ((await db.write.sweepExpired({ now })).more);
            while ((await db.write.destroyKeys({ now })).more);
            await applyRetention(services)
            await packLines(services)
            if (db.engine === 'postgres') await sweepNonces(db.read, now)
          },
        },
      ])
    },
    next: () => Promise.resolve(dueAt),
    release: () => Promise.resolve(),
  }
}
