import { defineWrite } from '../../storage/write.ts'

/** Stores when keys were used last, ms; a later instant on record stays. */
export const noteKeyUse = defineWrite({
  async run(tx, uses: readonly { readonly accessKeyId: string; readonly at: number }[]): Promise<void> {
    await Promise.all(
      uses.map(({ accessKeyId, at }) =>
        tx.run(`update access_keys set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)`, [
          at,
          accessKeyId,
          at,
        ]),
      ),
    )
  },
})
