import { foundation } from './0001-foundation.ts'
import type { MigrationModule } from './migration.ts'

/** All steps of the schema, in order. */
export const migrations: readonly MigrationModule[] = [foundation]
