import type { Settings } from '../config.ts'
import { checkDatabase } from '../installation/check-database.ts'
import { raiseNumbers } from '../installation/raise-numbers.ts'
import { showAuthority } from '../installation/show-authority.ts'
import { signNextRootCrl } from '../installation/sign-next-root-crl.ts'
import { revocationReasons, revokeCertificate, type RevocationReason } from '../orders/revoke-certificate.ts'
import { auditPlans } from '../plans/audit-plans.ts'
import { Problem } from '../problem.ts'
import { createRootAccessKey } from '../ram/create-access-key.ts'
import type { Services } from '../services.ts'
import { SERVICE_PRINCIPAL } from '../storage/events.ts'

/** What local administration works with: the services, whether a process runs or the command opened them itself. */
export type AdminServices = Pick<Services, 'db' | 'clock' | 'sealer' | 'authority' | 'randomBytes'> & { readonly settings: Settings }

/** One command of local administration: plain data in and out, because it may cross a socket. */
export type AdminCommand = (services: AdminServices, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Commands that only the operator of the machine may give. They reach a running process through its socket. */
export const adminCommands: Readonly<Record<string, AdminCommand>> = {
  'plan-audit': ({ db }) => auditPlans(db.read),
  'key-create': (services) => createRootAccessKey(services),
  'ca-show': (services) => showAuthority(services),
  'database-check': (services) => checkDatabase(services),
  'raise-numbers': (services) => raiseNumbers(services, null),
  'ca-root-crl': (services) => signNextRootCrl(services),
  async 'certificate-revoke'(services, { certificateId, reason }) {
    if (typeof certificateId !== 'number') throw new Problem('invalidParameter', { P: 'certificateId', rule: 'A number is needed.' })
    if (typeof reason !== 'string' || !Object.hasOwn(revocationReasons, reason)) {
      throw new Problem('invalidParameter', { P: 'reason', rule: `One of ${Object.keys(revocationReasons).join(', ')} is needed.` })
    }
    await revokeCertificate(services, {
      certificateId,
      // Held against the table one line above.
      reason: reason as RevocationReason,
      principal: SERVICE_PRINCIPAL,
      sourceIp: null,
      requestId: null,
    })
    return { certificateId }
  },
}
