import type { Services } from '../services.ts'
import { listRevoked } from '../storage/certificates.ts'

const DAY_MS = 86_400_000

/** A CRL is signed anew after this, ms, and after each revocation. */
export const CRL_PERIOD_MS = DAY_MS
/** How long a CRL is valid, ms (BR 4.9.7: at most 10 days). */
export const CRL_VALIDITY_MS = 7 * DAY_MS

/**
 * Signs the next CRL of one shard and stores it.
 *
 * @returns false if another process was first
 */
export async function renewCrl(
  services: Pick<Services, 'db' | 'clock' | 'authority'>,
  crl: { issuerId: string; shard: number; number: number; dueAt: number | null },
): Promise<boolean> {
  const { db, clock, authority } = services
  const now = clock()
  const revoked = await listRevoked(db.read, crl.issuerId, crl.shard, now)
  const nextUpdate = now + CRL_VALIDITY_MS
  const der = await authority.signCrl({
    shard: crl.shard,
    number: crl.number + 1,
    thisUpdate: now,
    nextUpdate,
    revoked: revoked.map(({ serial, revoked_at, revocation_reason }) => ({
      serial,
      revokedAt: revoked_at ?? now,
      reason: revocation_reason ?? 0,
    })),
  })
  return await db.write.storeCrl({
    issuerId: crl.issuerId,
    shard: crl.shard,
    previousNumber: crl.number,
    thisUpdate: now,
    nextUpdate,
    der,
    dueAt: crl.dueAt,
    runAt: now + CRL_PERIOD_MS,
  })
}
