import { randomBytes } from 'node:crypto'
import type { CertificateAuthority } from '../../src/ca/certificate-authority.ts'
import { createAuthority, type AuthorityPlan, type CreatedAuthority } from '../../src/ca/embedded/create-authority.ts'
import { openEmbeddedAuthority, type EmbeddedAuthorityOptions } from '../../src/ca/embedded/open-authority.ts'
import { encodePem } from '../../src/x509/pem.ts'

export const hourMs = 3_600_000
export const dayMs = 86_400_000
/** The moment at which the CAs of these tests are made. */
export const start = Date.UTC(2026, 10, 24, 12, 0, 0, 250)
export const pkiUrl = 'http://pki.example:8080'

/** A CA for tests: as made, as opened, and a clock to move. */
export interface TestAuthority {
  readonly made: CreatedAuthority
  readonly authority: CertificateAuthority
  readonly options: EmbeddedAuthorityOptions
  readonly clock: { now: number }
}

/** Makes a CA at {@link start} and opens it. */
export async function makeTestAuthority(
  changes: Partial<AuthorityPlan> = {},
  optionChanges: Partial<EmbeddedAuthorityOptions> = {},
): Promise<TestAuthority> {
  const made = await createAuthority({ ...plan, ...changes })
  const clock = { now: start }
  const options: EmbeddedAuthorityOptions = {
    rootDer: made.root.certificateDer,
    intermediateDer: made.intermediate.certificateDer,
    intermediateKeyPkcs8: made.intermediate.privateKeyPkcs8,
    pkiUrl: changes.pkiUrl,
    clock: () => clock.now,
    randomBytes,
    ...optionChanges,
  }
  return { made, authority: openEmbeddedAuthority(options), options, clock }
}

/** Settings of a CA without addresses. */
export const plan: AuthorityPlan = {
  country: 'CH',
  organization: 'Chancery Tests',
  rootName: 'Chancery Root',
  intermediateName: 'Chancery Issuing',
  now: start,
  randomBytes,
}

/** A certificate in PEM. */
export function toPem(certificateDer: Uint8Array): string {
  return encodePem('CERTIFICATE', certificateDer)
}

/** Seconds since 1970 for the `-attime` of openssl. */
export function toSeconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}
