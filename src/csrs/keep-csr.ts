import type { RequestContext } from '../gateway/caller.ts'
import { sealCsrKey } from '../keys/csr-keys.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import type { CsrFacts } from './csr-facts.ts'
import { parseCsrName } from './csr-name.ts'

/** CSRs that an account may keep. */
const MOST_CSRS = 1_000

/** A checked CSR that is to be kept. */
export interface KeptCsr {
  readonly facts: CsrFacts
  readonly name: string | undefined
  /** PrivateKeyInfo; undefined if the service does not get it. */
  readonly pkcs8Der: Uint8Array | undefined
  readonly source: 'created' | 'uploaded'
}

/**
 * Stores a CSR, its key sealed.
 *
 * @returns its id
 * @throws Problem invalidParameter, limitExceeded, callerInactive
 */
export async function keepCsr(
  { db, clock, sealer }: Pick<Services, 'db' | 'clock' | 'sealer'>,
  context: RequestContext,
  { facts, name, pkcs8Der, source }: KeptCsr,
): Promise<number> {
  const { accountId } = context.caller
  const csrId = await db.nextId('csrs')
  const now = clock()
  await db.write.storeCsr({
    caller: context.caller,
    origin: originOf(context),
    eventId: await db.nextId('events'),
    now,
    csr: {
      ...facts,
      id: csrId,
      account_id: accountId,
      name: parseCsrName(name, csrId),
      key_sealed: pkcs8Der === undefined ? null : sealCsrKey(sealer, pkcs8Der, { accountId, csrId }),
      created_at: now,
      updated_at: now,
    },
    source,
    most: MOST_CSRS,
  })
  return csrId
}
