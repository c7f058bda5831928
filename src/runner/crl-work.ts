import { renewCrl } from '../ca/renew-crl.ts'
import type { Services } from '../services.ts'
import { listDueCrls, nextCrlDue } from '../storage/certificates.ts'
import type { Work } from './work.ts'

/** A CRL that could not be signed or stored is tried again after this, ms. */
const FAULT_DELAY_MS = 10_000

/**
 * CRLs that are due: daily, and at once after a revocation. Processes that sign the same one at the same time are told apart
 * by its number; the loser's is dropped.
 */
export function crlWork(services: Pick<Services, 'db' | 'clock' | 'authority'>): Work {
  const { db, clock, authority } = services
  const running = new Set<string>()
  const failedAt = new Map<string, number>()
  return {
    name: 'crl',
    async take() {
      const now = clock()
      const due = await listDueCrls(db.read, authority.issuerId, now)
      const free = due.filter(({ issuer_id, shard }) => {
        const id = `${issuer_id}-${shard}`
        return !running.has(id) && Math.abs(now - (failedAt.get(id) ?? -Infinity)) >= FAULT_DELAY_MS
      })
      return free.map((row) => {
        const id = `${row.issuer_id}-${row.shard}`
        running.add(id)
        return {
          id,
          run: async () => {
            try {
              await renewCrl(services, { issuerId: row.issuer_id, shard: row.shard, number: row.number, dueAt: row.run_at })
              failedAt.delete(id)
            } catch (error) {
              failedAt.set(id, clock())
              throw error
            } finally {
              running.delete(id)
            }
          },
        }
      })
    },
    next: () => nextCrlDue(db.read, authority.issuerId, clock()),
    release: () => Promise.resolve(),
  }
}
