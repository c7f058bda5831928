import type { Logger } from 'pino'
import type { CertificateAuthority } from './ca/certificate-authority.ts'
import type { Settings } from './config.ts'
import type { Emulator } from './emulator/emulator.ts'
import type { KeyPool } from './keys/key-pool.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { SharedSecrets } from './keys/shared-secrets.ts'
import type { Challenger } from './orders/acme/challenger-port.ts'
import type { Advancer } from './orders/advancer.ts'
import type { PageAnchors } from './orders/page-anchors.ts'
import type { Catalogue } from './plans/products.ts'
import type { AccessControl } from './ram/access-control.ts'
import type { EabKeys } from './ram/eab/eab-keys.ts'
import type { IssuerKeys } from './ram/oidc/issuer-keys.ts'
import type { Database } from './storage/database.ts'
import type { transactions } from './transactions.ts'
import type { DomainControl } from './validation/domain-control.ts'

/** What a running process holds. A step names the fields it uses: `Pick<Services, 'db' | 'clock'>`. */
export interface Services {
  readonly db: Database<typeof transactions>
  readonly settings: Settings
  readonly catalogue: Catalogue
  readonly sealer: KeyRing
  /** The account of the operator, made at the first start: its principals may be allowed to administer the others. */
  readonly operatorAccountId: number
  readonly secrets: SharedSecrets
  readonly access: AccessControl
  readonly eabKeys: EabKeys
  /** The keys of identity providers' issuers. */
  readonly issuerKeys: IssuerKeys
  readonly keyPool: KeyPool
  readonly authority: CertificateAuthority
  readonly domainControl: DomainControl
  readonly advancer: Advancer
  readonly challenger: Challenger
  /** Where callers are in the lists that they turn the pages of. */
  readonly pageAnchors: PageAnchors
  /** Only in emulator mode. */
  readonly emulator?: Emulator
  /** Milliseconds since the epoch. The only clock outside the adapters, but for the next one. */
  readonly clock: () => number
  /** The real time, ms: clients sign by theirs, also while the emulator's clock is moved. */
  readonly wallClock: () => number
  /** Cryptographically strong random octets. */
  readonly randomBytes: (length: number) => Uint8Array
  /** A number from 0 up to 1, for jitter only. */
  readonly random: () => number
  readonly log: Logger
}
