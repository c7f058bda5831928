import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Services } from '../../src/services.ts'

/** Where rows are planted: the services of a test and, for SQLite, the folder that they keep their data in. */
export interface Ground {
  readonly services: Pick<Services, 'db' | 'clock'>
  readonly data: { readonly folder: string }
}

/** Stores an ACME account past the door: for tests of what others see of it. */
export async function plantAcmeAccount(
  { services: { db, clock }, data }: Ground,
  { accountId, eabKeyId }: { readonly accountId: number; readonly eabKeyId: string | null },
): Promise<number> {
  const id = await db.nextId('acme_accounts')
  const thumbprint = randomBytes(32).toString('base64url')
  const key = eabKeyId === null ? 'null' : `'${eabKeyId}'`
  const now = clock()
  await execute({ db, folder: data.folder }, [
    `insert into acme_accounts (id, account_id, eab_key_id, thumbprint, jwk, status, contacts, binding, created_at, updated_at)
       values (${id}, ${accountId}, ${key}, '${thumbprint}', '{}', 'valid', '["mailto:${id}@example.com"]', null, ${now}, ${now})`,
    `update eab_keys set accounts_bound = accounts_bound + 1 where id = ${key}`,
  ])
  return id
}

async function execute({ db, folder }: { db: Services['db']; folder: string }, statements: readonly string[]): Promise<void> {
  if (db.engine === 'postgres') {
    for (const statement of statements) await sql.raw(statement).execute(db.read)
    return
  }
  const connection = new DatabaseSync(join(folder, 'chancery.db'), { timeout: 5_000 })
  connection.exec(statements.join(';'))
  connection.close()
}
