import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { findAuditLog, findTile, listUnsealed } from '../storage/audit.ts'
import { hashEntry, hashSource } from './entry.ts'
import { openLogKey } from './log-key.ts'
import { type NoteSigner, writeCheckpoint } from './note.ts'
import { appendLeaves, createRangeHash, type FindTile, type Tile } from './tiles.ts'

/** Puts stored events into the log. */
export interface AuditSealer {
  /** Seals all that is stored; answers how many. Does nothing while another process seals. */
  seal(): Promise<number>
  stop(): Promise<void>
}

type SealerServices = Pick<Services, 'db' | 'sealer' | 'clock' | 'randomBytes' | 'log' | 'operatorAccountId'>

/** The event of a checkpoint is at most so old, ms. */
const PERIOD_MS = 1_000
/** So many keep the write short; what each batch costs besides (checkpoint, tiles) is shared by them. */
const BATCH = 400
const LEASE_MS = 5_000
const SALT_LENGTH = 16

/** Opens the sealer, and makes the log with its key at the first start. */
export async function openAuditSealer(services: SealerServices, owner: string): Promise<AuditSealer> {
  const signer = await openLogKey(services)
  let running: Promise<number> = Promise.resolve(0)
  let waiting = 0
  const stopped = new AbortController()

  async function sealAll(): Promise<number> {
    const { db } = services
    let total = 0
    for (let sealed = BATCH; sealed === BATCH && !stopped.signal.aborted; total += sealed) {
      // Before each batch: a backlog may take longer than the lease.
      if (db.engine === 'postgres' && !(await db.write.claimAuditLog({ owner, leaseMs: LEASE_MS }))) break
      sealed = await sealBatch(services, signer)
    }
    return total
  }

  const seal = (): Promise<number> => {
    waiting += 1
    running = running
      .catch(() => 0)
      .then(sealAll)
      .finally(() => {
        waiting -= 1
      })
    return running
  }
  const timer = setInterval(() => {
    if (waiting > 0) return
    seal().catch((error: unknown) => {
      // Another process sealed meanwhile: it has done it.
      if (error instanceof Problem && error.problem === 'moved') return
      services.log.error({ err: error }, 'events could not be sealed into the audit log')
    })
  }, PERIOD_MS)
  timer.unref()

  return {
    seal,
    async stop() {
      clearInterval(timer)
      stopped.abort()
      await running.catch(() => 0)
    },
  }
}

async function sealBatch({ db, clock, randomBytes }: SealerServices, signer: NoteSigner): Promise<number> {
  const events = await listUnsealed(db.read, BATCH)
  if (events.length === 0) return 0
  const log = await findAuditLog(db.read)
  if (log === undefined) throw new Error('the audit log is missing')
  // One call of the system's generator, and one block of octets on the way to the writer.
  const salts = randomBytes(SALT_LENGTH * events.length)
  const sourceHashes = events.map(({ source_ip: ip }, index) =>
    ip === null ? null : hashSource(ip, salts.subarray(index * SALT_LENGTH, (index + 1) * SALT_LENGTH)),
  )
  const leaves = events.map((event, index) => hashEntry(event, sourceHashes[index] ?? null))
  const find: FindTile = (level, index) => findTile(db.read, level, index)
  const tiles = await appendLeaves(log.size, leaves, find)
  const size = log.size + events.length
  const root = await rootWith(size, tiles, find)
  await db.write.sealEvents({
    sizeBefore: log.size,
    size,
    checkpoint: writeCheckpoint({ origin: signer.name, size, root }, signer),
    ids: events.map(({ id }) => id),
    sourceHashes,
    salts,
    tiles,
    now: clock(),
  })
  return events.length
}

/** The root of the log with tiles that are not stored yet. */
async function rootWith(size: number, tiles: readonly Tile[], find: FindTile): Promise<Uint8Array> {
  const changed = new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]))
  const rangeHash = createRangeHash(async (level, index) => changed.get(`${level}/${index}`) ?? (await find(level, index)))
  return await rangeHash(0, size)
}
