import { auditPlans } from '../plans/audit-plans.ts'
import type { Services } from '../services.ts'

/** What a look at the database found. */
export interface DatabaseCheck {
  readonly engine: 'sqlite' | 'postgres'
  /** The process's clock less the database's, ms. */
  readonly clockDifferenceMs: number
  /** The newest event, ms; a clock behind it was set back. */
  readonly newestEventAt: number | undefined
  readonly now: number
  readonly planDifferences: number
  readonly orderFaults: number
  readonly pkiUrl: string | undefined
  /** When the root's CRL ends, ms. */
  readonly rootCrlEndsAt: number | undefined
}

/** Compares clocks and counters. */
export async function checkDatabase({ db, clock, authority }: Pick<Services, 'db' | 'clock' | 'authority'>): Promise<DatabaseCheck> {
  const before = clock()
  const databaseNow = await db.now()
  const now = clock()
  const newest = await db.read.selectFrom('events').select('at').orderBy('id', 'desc').limit(1).executeTakeFirst()
  const audit = await auditPlans(db.read)
  const crlUrl = authority.crlUrl(0)
  return {
    engine: db.engine,
    // The database answered between the two looks: the middle is the best guess.
    clockDifferenceMs: Math.round((before + now) / 2 - databaseNow),
    newestEventAt: newest?.at,
    now,
    planDifferences: audit.differences.length,
    orderFaults: audit.orders.length,
    rootCrlEndsAt: await findRootCrlEnd(db.read),
    pkiUrl: crlUrl === undefined ? undefined : new URL(crlUrl).origin,
  }
}

async function findRootCrlEnd(read: Services['db']['read']): Promise<number | undefined> {
  const row = await read
    .selectFrom('crls')
    .innerJoin('issuers', 'issuers.id', 'crls.issuer_id')
    .select('next_update')
    .where('issuers.kind', '=', 'root')
    .executeTakeFirst()
  return row?.next_update ?? undefined
}
