import { foundation } from './0001-foundation.ts'
import { ram } from './0002-ram.ts'
import { audit } from './0003-audit.ts'
import { limits } from './0004-limits.ts'
import { masterKeys } from './0005-master-keys.ts'
import { ordering } from './0006-ordering.ts'
import { retiredMasterKeys } from './0007-retired-master-keys.ts'
import { tagSearch } from './0008-tag-search.ts'
import { auditDeletion } from './0009-audit-deletion.ts'
import { auditSearch } from './0010-audit-search.ts'
import { lists } from './0011-lists.ts'
import { acme } from './0012-acme.ts'
import { acmeCertificates } from './0013-acme-certificates.ts'
import type { MigrationModule } from './migration.ts'

/** All steps of the schema, in order. */
export const migrations: readonly MigrationModule[] = [
  foundation,
  ram,
  audit,
  limits,
  masterKeys,
  ordering,
  retiredMasterKeys,
  tagSearch,
  auditDeletion,
  auditSearch,
  lists,
  acme,
  acmeCertificates,
]
