import type { Kysely, Selectable } from 'kysely'
import type { Schema } from './schema.ts'

/** Every shared secret of the installation, sealed. */
export async function listSharedSecrets(read: Kysely<Schema>): Promise<Selectable<Schema['shared_secrets']>[]> {
  return await read.selectFrom('shared_secrets').selectAll().execute()
}
