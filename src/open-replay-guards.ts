import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenedInstallation } from './installation/open-installation.ts'
import { openMemoryReplayGuard } from './ram/memory-replay-guard.ts'
import { closeReplayGap, openPostgresReplayGuard, openReplayFloor } from './ram/postgres-replay-guard.ts'
import type { ReplayGuard } from './ram/replay-guard.ts'
import type { Services } from './services.ts'

/** What remembers used nonces: one guard a door, so that whoever fills the one leaves the other open. */
export interface ReplayGuards {
  readonly signedCalls: ReplayGuard
  readonly acme: ReplayGuard
}

/** Opens the guards of a process; when it returns, both accept what is dated now. */
export async function openReplayGuards(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  installation: Pick<OpenedInstallation, 'isNew'>,
  clock: () => number,
): Promise<ReplayGuards & { close(): Promise<void> }> {
  if (db.engine === 'postgres') {
    if (installation.isNew) await openReplayFloor(db.read)
    // As below: the doors open when the second is over whose requests are refused.
    else if (await closeReplayGap(db.read)) await sleep(1_000)
    // A table has no capacity, so the doors can share it: their scopes differ.
    const shared = openPostgresReplayGuard(db.read)
    return { signedCalls: shared, acme: shared, close: () => Promise.resolve() }
  }
  const open = (name: string, capacity: number, timeIsFixed: boolean) =>
    openMemoryReplayGuard({ file: join(settings.data, name), firstStart: installation.isNew, capacity, timeIsFixed, clock })
  const signedCalls = open('replay-guard.json', settings.replayCapacity, false)
  // Nonces of the ACME door carry the time at which they were made.
  const acme = open('acme-replay-guard.json', settings.acmeReplayCapacity, true)
  // After a kill, requests of this very second are refused: the doors open when it is over.
  const wait = Math.max(signedCalls.opensAt, acme.opensAt) - clock()
  if (wait > 0) await sleep(wait)
  return {
    signedCalls,
    acme,
    async close() {
      signedCalls.save()
      acme.save()
    },
  }
}
