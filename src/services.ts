import type { Logger } from 'pino'
import type { CertificateAuthority } from './ca/certificate-authority.ts'
import type { Settings } from './config.ts'
import type { Emulator } from './emulator/emulator.ts'
import type { KeyPool } from './keys/key-pool.ts'
import type { Sealer } from './keys/sealer.ts'
import type { Advancer } from './orders/advancer.ts'
import type { Catalogue } from './plans/products.ts'
import type { Database } from './storage/database.ts'
import type { transactions } from './transactions.ts'
import type { DomainControl } from './validation/domain-control.ts'

/** What a running process holds. A step names the fields it uses: `Pick<Services, 'db' | 'clock'>`. */
export interface Services {
  readonly db: Database<typeof transactions>
  readonly settings: Settings
  readonly catalogue: Catalogue
  readonly sealer: Sealer
  readonly keyPool: KeyPool
  readonly authority: CertificateAuthority
  readonly domainControl: DomainControl
  readonly advancer: Advancer
  /** Only in emulator mode. */
  readonly emulator?: Emulator
  /** Milliseconds since the epoch. The only clock outside the adapters. */
  readonly clock: () => number
  /** Cryptographically strong random octets. */
  readonly randomBytes: (length: number) => Uint8Array
  /** A number from 0 up to 1, for jitter only. */
  readonly random: () => number
  readonly log: Logger
}
