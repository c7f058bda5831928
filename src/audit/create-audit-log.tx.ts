import { defineWrite } from '../storage/write.ts'

export interface CreateAuditLogInput {
  readonly checkpoint: string
  readonly name: string
  readonly keySealed: Uint8Array
  readonly vkey: string
  readonly now: number
}

/** Makes the empty log with its key; if another process was first, its log counts. */
export const createAuditLog = defineWrite({
  async run(tx, input: CreateAuditLogInput): Promise<void> {
    await tx.run(
      `insert into audit_log (id, size, checkpoint, name, key_sealed, vkey, updated_at) values (1, 0, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
      [input.checkpoint, input.name, input.keySealed, input.vkey, input.now],
    )
  },
})
