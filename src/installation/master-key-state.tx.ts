import { Problem } from '../problem.ts'
import { insertEvent, SERVICE_ORIGIN } from '../storage/events.ts'
import { defineWrite } from '../storage/write.ts'

/** Channel of every change of master keys. */
const CHANNEL = 'master-key'

/**
 * Announces the key that is about to take over: every process has to hold it before it seals. Refuses with `masterKeyUsed` a key that is or
 * was in use, with `masterKeyBusy` a second one.
 */
export const announceMasterKey = defineWrite({
  async run(tx, input: { id: string; keyCheck: string }): Promise<void> {
    tx.notify(CHANNEL)
    const [{ changes }, { rows }] = await Promise.all([
      tx.run(
        `update installation set next_master_key_id = ?, next_key_check = ?, next_seals = 0 where next_master_key_id is null
           and master_key_id <> ? and not exists (select 1 from retired_master_keys where id = ?)`,
        [input.id, input.keyCheck, input.id, input.id],
      ),
      tx.run(`select master_key_id as id from installation union select id from retired_master_keys`, []),
    ])
    if (rows.some(({ id }) => id === input.id)) throw new Problem('masterKeyUsed', { id: input.id })
    if (changes === 0) throw new Problem('masterKeyBusy')
  },
})

/** Takes an announcement back. Refuses with `masterKeyBusy` if there is none, or the key seals already. */
export const withdrawMasterKey = defineWrite({
  async run(tx, _input: Readonly<Record<string, never>>): Promise<void> {
    tx.notify(CHANNEL)
    const { changes } = await tx.run(
      `update installation set next_master_key_id = null, next_key_check = null where next_master_key_id is not null and next_seals = 0`,
      [],
    )
    if (changes === 0) throw new Problem('masterKeyBusy')
  },
})

/** From now on the announced key seals. Refuses with `masterKeyBusy` if it is not announced any more. */
export const switchMasterKey = defineWrite({
  async run(tx, input: { id: string }): Promise<void> {
    tx.notify(CHANNEL)
    const { changes } = await tx.run(`update installation set next_seals = 1 where next_master_key_id = ?`, [input.id])
    if (changes === 0) throw new Problem('masterKeyBusy')
  },
})

/**
 * From now on the database takes nothing that the old key sealed, from whichever process: what it holds when this is done is all that there
 * will ever be.
 */
export const closeMasterKey = defineWrite({
  async run(tx, input: { id: string; nextId: string; engine: 'sqlite' | 'postgres'; now: number }): Promise<void> {
    await Promise.all([
      // Waits for the writes that passed the triggers before (migration 0007). On SQLite there is one writer.
      ...(input.engine === 'postgres' ? [tx.run(`select pg_advisory_xact_lock(hashtext('retired_master_keys'))`, [])] : []),
      tx.run(
        `insert into retired_master_keys (id, retired_at) select master_key_id, ? from installation
          where master_key_id = ? and next_master_key_id = ? and next_seals = 1 on conflict (id) do nothing`,
        [input.now, input.id, input.nextId],
      ),
    ])
  },
})

/** Ends a replacement: the announced key is the only one. Refuses with `masterKeyBusy` if it is not the one announced. */
export const retireMasterKey = defineWrite({
  async run(tx, input: { id: string; oldId: string; accountId: number; eventId: number; now: number }): Promise<void> {
    tx.notify(CHANNEL)
    const [{ changes }] = await Promise.all([
      tx.run(
        `update installation set master_key_id = next_master_key_id, key_check = next_key_check,
           next_master_key_id = null, next_key_check = null, next_seals = 0
         where next_master_key_id = ? and next_seals = 1 and exists (select 1 from retired_master_keys where id = ?)`,
        [input.id, input.oldId],
      ),
      insertEvent(tx, {
        id: input.eventId,
        accountId: input.accountId,
        at: input.now,
        kind: 'masterKey.rotated',
        origin: SERVICE_ORIGIN,
        resource: 'masterKey',
        detail: { from: input.oldId, to: input.id },
      }),
    ])
    if (changes === 0) throw new Problem('masterKeyBusy')
  },
})
