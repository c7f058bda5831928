import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { DatabaseUnusableError } from './errors.ts'
import { migrations } from './migrations/index.ts'
import { columnTypes } from './migrations/migration.ts'

/**
 * Brings the schema up to this version. Processes may race: one migrates, the others wait.
 *
 * @throws DatabaseUnusableError if the database was migrated by a newer version
 */
export async function migrate(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const applied = await appliedMigrations(db)
  const known = migrations.map(({ name }) => name)
  const newer = applied.filter((name) => !known.includes(name))
  if (newer.length > 0) {
    throw new DatabaseUnusableError(
      `the database was upgraded by a newer version (${newer.join(', ')}): start that version, or restore a backup from before the upgrade`,
    )
  }
  if (applied.length === known.length) return
  const types = columnTypes[engine]
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: () => Promise.resolve(Object.fromEntries(migrations.map(({ name, up }) => [name, { up: (db) => up(db, types) }]))),
    },
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

async function appliedMigrations(db: Kysely<unknown>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const rows = await (db as Kysely<{ kysely_migration: { name: string } }>).selectFrom('kysely_migration').select('name').execute()
  return rows.map(({ name }) => name)
}
