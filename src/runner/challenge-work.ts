import type { Services } from '../services.ts'
import { listDueChallenges, nextChallengeDue } from '../storage/acme-orders.ts'
import type { Work } from './work.ts'

/**
 * Challenges that are to be looked at again: after a look that showed nothing yet, or because the process that began it died. Processes that look
 * at the same one are told apart by the number of looks; the loser's is dropped.
 */
export function challengeWork({ db, clock, challenger }: Pick<Services, 'db' | 'clock' | 'challenger'>): Work {
  const taken = new Set<number>()
  return {
    name: 'challenge',
    async take(limit) {
      if (limit <= 0) return []
      const due = await listDueChallenges(db.read, clock(), limit + taken.size)
      return due
        .filter((id) => !taken.has(id))
        .slice(0, limit)
        .map((id) => {
          taken.add(id)
          return { id: String(id), run: (signal: AbortSignal) => challenger.look(id, signal).finally(() => taken.delete(id)) }
        })
    },
    next: () => nextChallengeDue(db.read, clock()),
    release: () => Promise.resolve(),
  }
}
