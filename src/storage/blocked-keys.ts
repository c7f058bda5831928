import type { Kysely } from 'kysely'
import { prepareRead } from './prepared-read.ts'
import type { Schema } from './schema.ts'
import type { StatementResult, Tx } from './write.ts'

/** A key that must not be certified again. */
export interface BlockedKey {
  /** Hex SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiSha256: string
  /** RFC 5280 section 5.3.1. */
  readonly reason: number
  /** The certificate whose revocation told. */
  readonly certificateId: number
  readonly now: number
}

/** Issues the statement that blocks a key; one that is blocked stays as it is. */
export function insertBlockedKey(tx: Tx, { spkiSha256, reason, certificateId, now }: BlockedKey): Promise<StatementResult> {
  return tx.run(
    `insert into blocked_keys (spki_sha256, reason, certificate_id, created_at) values (?, ?, ?, ?) on conflict (spki_sha256) do nothing`,
    [spkiSha256, reason, certificateId, now],
  )
}

export async function isBlockedKey(read: Kysely<Schema>, spkiSha256: string): Promise<boolean> {
  return (await readBlockedKey(read, { spkiSha256 })).length > 0
}

const readBlockedKey = prepareRead((read, { spkiSha256 }: { spkiSha256: string }) =>
  read.selectFrom('blocked_keys').select('created_at').where('spki_sha256', '=', spkiSha256),
)
