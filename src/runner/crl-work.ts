import { renewCrl } from '../ca/renew-crl.ts'
import type { Services } from '../services.ts'
import { listDueCrls, nextCrlDue } from '../storage/certificates.ts'
import type { Work } from './work.ts'

/**
 * CRLs that are due: daily, and at once after a revocation. Processes that sign the same one at the same time are told apart
 * by its number; the loser's is dropped.
 */
export function crlWork(services: Pick<Services, 'db' | 'clock' | 'authority'>): Work {
  const { db, clock, authority } = services
  const running = new Set<string>()
  return {
    name: 'crl',
    async take() {
      const due = await listDueCrls(db.read, clock())
      const own = due.filter(({ issuer_id, shard }) => issuer_id === authority.issuerId && !running.has(`${issuer_id}-${shard}`))
      return own.map((row) => {
        const id = `${row.issuer_id}-${row.shard}`
        running.add(id)
        return {
          id,
          run: async () => {
            try {
              await renewCrl(services, { issuerId: row.issuer_id, shard: row.shard, number: row.number })
            } finally {
              running.delete(id)
            }
          },
        }
      })
    },
    next: () => nextCrlDue(db.read),
    release: () => Promise.resolve(),
  }
}
