import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findAuditLog, findFirstSince } from '../storage/audit.ts'
import { writeDeletion } from './deletion.ts'
import { openLogKey } from './log-key.ts'

const DAY_MS = 86_400_000

type RetentionServices = Pick<Services, 'db' | 'clock' | 'settings' | 'sealer' | 'operatorAccountId'>

/**
 * Deletes what is kept no longer: source addresses first, later whole bodies. Their hashes stay in the log, and a signed note says which bodies
 * are gone: it still verifies.
 */
export async function applyRetention(services: RetentionServices): Promise<void> {
  const { db, clock, settings } = services
  const now = clock()
  while ((await db.write.forgetSources({ before: now - settings.auditAddressDays * DAY_MS })).more);
  const log = await findAuditLog(db.read)
  if (log === undefined) return
  // By whole days: there is one announcement a day, not one a minute.
  const since = Math.floor(now / DAY_MS) * DAY_MS - settings.auditRetentionDays * DAY_MS
  // Positions follow time closely, not exactly: nothing younger is deleted, and what is deleted is one piece from the beginning.
  const before = (await findFirstSince(db.read, since)) ?? log.size
  if (before > log.deleted_before) await announce(services, before, now)
  // What was announced, by this look or by one that a kill cut short.
  while ((await db.write.deleteBodies({})).more);
}

async function announce(services: RetentionServices, before: number, now: number): Promise<void> {
  const { db, operatorAccountId: accountId } = services
  const note = writeDeletion(before, await openLogKey(services))
  try {
    await db.write.announceDeletion({ eventId: await db.nextId('events'), accountId, now, before, note })
  } catch (error) {
    // Another process has said as much or more.
    if (!(error instanceof Problem && error.problem === 'moved')) throw error
  }
}
