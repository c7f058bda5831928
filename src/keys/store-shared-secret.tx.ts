import { defineWrite } from '../storage/write.ts'

/** Stores a shared secret; if another process was first, its secret counts. */
export const storeSharedSecret = defineWrite({
  async run(tx, input: { purpose: string; version: number; sealed: Uint8Array; now: number }): Promise<void> {
    await tx.run(
      `insert into shared_secrets (purpose, version, sealed, created_at) values (?, ?, ?, ?) on conflict (purpose, version) do nothing`,
      [input.purpose, input.version, input.sealed, input.now],
    )
  },
})
