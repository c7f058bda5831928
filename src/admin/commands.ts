import type { Settings } from '../config.ts'
import { exportPart } from '../audit/export-log.ts'
import { verifyLog } from '../audit/verify-log.ts'
import { checkDatabase } from '../installation/check-database.ts'
import { raiseNumbers } from '../installation/raise-numbers.ts'
import { rotateMasterKey } from '../installation/rotate-master-key.ts'
import { showAuthority } from '../installation/show-authority.ts'
import { showMasterKeys } from '../installation/show-master-keys.ts'
import { signNextRootCrl } from '../installation/sign-next-root-crl.ts'
import { revocationReasons, type RevocationReason } from '../orders/revocation-reasons.ts'
import { revokeCertificate } from '../orders/revoke-certificate.ts'
import { auditPlans } from '../plans/audit-plans.ts'
import { Problem } from '../problem.ts'
import { createAccount } from '../ram/accounts/create-account.ts'
import { loadAccount } from '../ram/accounts/load-account.ts'
import { atTheMachine } from '../ram/accounts/operator.ts'
import { type AccountChanges, accountChanges, updateAccount } from '../ram/accounts/update-account.ts'
import { createRootAccessKey } from '../ram/create-root-access-key.ts'
import { decodeRefusal } from '../ram/decode-refusal.ts'
import type { Services } from '../services.ts'
import { listAccounts } from '../storage/accounts.ts'
import { findAuditLog } from '../storage/audit.ts'
import { SERVICE_ORIGIN } from '../storage/events.ts'

/** What local administration works with: the services, whether a process runs or the command opened them itself. */
export type AdminServices = Pick<Services, 'db' | 'clock' | 'sealer' | 'secrets' | 'authority' | 'randomBytes' | 'operatorAccountId'> & {
  readonly settings: Settings
}

/** One command of local administration: plain data in and out, because it may cross a socket. */
export type AdminCommand = (services: AdminServices, input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Commands that only the operator of the machine may give. They reach a running process through its socket. */
export const adminCommands: Readonly<Record<string, AdminCommand>> = {
  'plan-audit': ({ db }) => auditPlans(db.read),
  async 'account-create'(services, { name }) {
    if (typeof name !== 'string') throw new Problem('invalidParameter', { P: 'name', rule: 'A text is needed.' })
    return await createAccount(services, atTheMachine, { name, token: undefined })
  },
  'account-list': ({ db }, { after }) => listAccounts(db.read, typeof after === 'number' ? after : 0, 100),
  'account-show': (services, { accountId }) => loadAccount(services, Number(accountId)),
  async 'account-update'(services, { accountId, ...changes }) {
    return await updateAccount(services, atTheMachine, Number(accountId), readAccountChanges(changes))
  },
  async 'key-create'(services, { accountId }) {
    if (accountId !== undefined && typeof accountId !== 'number') {
      throw new Problem('invalidParameter', { P: 'accountId', rule: 'A number is needed.' })
    }
    return await createRootAccessKey(services, accountId)
  },
  'ca-show': (services) => showAuthority(services),
  'keys-show': (services) => showMasterKeys(services),
  'keys-rotate-master': (services) => rotateMasterKey(services),
  'keys-withdraw-master': ({ db }) => db.write.withdrawMasterKey({}),
  'database-check': (services) => checkDatabase(services),
  'raise-numbers': (services) => raiseNumbers(services, null),
  'ca-root-crl': (services) => signNextRootCrl(services),
  async 'audit-verify'(services, { checkpoint, vkey }) {
    const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
    return await verifyLog(services, textOf(checkpoint), textOf(vkey))
  },
  async 'audit-checkpoint'({ db }) {
    const log = await findAuditLog(db.read)
    return log === undefined ? null : { checkpoint: log.checkpoint, vkey: log.vkey, size: log.size }
  },
  async 'audit-export'(services, { size, part }) {
    for (const [name, value] of Object.entries({ size, part })) {
      if (!Number.isSafeInteger(value) || Number(value) < 0) throw new Problem('invalidParameter', { P: name, rule: 'A number is needed.' })
    }
    return await exportPart(services, Number(size), Number(part))
  },
  async 'policy-decode'(services, { message }) {
    if (typeof message !== 'string') throw new Problem('invalidParameter', { P: 'message', rule: 'A text is needed.' })
    return await decodeRefusal(services, message, undefined)
  },
  async 'certificate-revoke'(services, { certificateId, reason }) {
    if (typeof certificateId !== 'number') throw new Problem('invalidParameter', { P: 'certificateId', rule: 'A number is needed.' })
    if (typeof reason !== 'string' || !Object.hasOwn(revocationReasons, reason)) {
      throw new Problem('invalidParameter', { P: 'reason', rule: `One of ${Object.keys(revocationReasons).join(', ')} is needed.` })
    }
    await revokeCertificate(services, {
      certificateId,
      // Held against the table one line above.
      reason: reason as RevocationReason,
      origin: SERVICE_ORIGIN,
    })
    return { certificateId }
  },
}

function readAccountChanges(given: Readonly<Record<string, unknown>>): AccountChanges {
  const { data, error } = accountChanges.safeParse(given)
  if (data === undefined)
    throw new Problem('invalidParameter', { P: String(error.issues[0]?.path[0] ?? 'changes'), rule: error.issues[0]?.message ?? '' })
  return data
}
