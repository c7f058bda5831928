import { sealedBy } from '../keys/sealer.ts'
import type { Services } from '../services.ts'
import { findInstallation } from '../storage/accounts.ts'
import { sealedColumns } from './sealed-columns.ts'
import { sealedOctets, walkSealed } from './walk-sealed.ts'

/** The master keys of an installation, and how many values of the database each has sealed. */
export interface MasterKeyView {
  readonly current: string
  /** The one that is about to take over. */
  readonly next: string | undefined
  readonly sealed: Readonly<Record<string, number>>
}

export async function showMasterKeys({ db }: Pick<Services, 'db'>): Promise<MasterKeyView> {
  const installation = await findInstallation(db.read)
  const sealed: Record<string, number> = {}
  for (const column of sealedColumns) {
    for await (const page of walkSealed(db.read, column)) {
      for (const row of page) {
        const id = sealedBy(sealedOctets(row, column)) ?? 'none'
        sealed[id] = (sealed[id] ?? 0) + 1
      }
    }
  }
  return { current: installation?.master_key_id ?? '', next: installation?.next_master_key_id ?? undefined, sealed }
}
