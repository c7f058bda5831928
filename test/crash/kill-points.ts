import { writeSync } from 'node:fs'

/** Writes whose commit has kill points: `NAME:before` and `NAME:after` it, on PostgreSQL also `NAME:sent`, sent and not answered. */
export const writesWithPoints = [
  'placeOrder',
  'recordAttempt',
  'issueCertificate',
  'revokeCertificate',
  'storeCrl',
  'buyPlan',
  'recordKeyReading',
  'withdrawOrder',
  'submitOrder',
  'deleteOrder',
  'openReview',
  'decideReview',
  'failOrder',
  'destroyKeys',
  'sweepExpired',
  'createAcmeAccount',
  'recordChallenge',
  'deactivateAuthorization',
  'endAcmeOrder',
  'deactivateAcmeAccount',
  'packKeywordLines',
] as const

/** Writes that are one plain change: one point, after the commit and before the answer. */
export const plainWrites = [
  'uploadCertificate',
  'deleteCertificate',
  'storeCsr',
  'updateCsr',
  'deleteCsr',
  'createContact',
  'updateContact',
  'deleteContact',
  'createCompany',
  'updateCompany',
  'deleteCompany',
  'changeTags',
  'moveResourceGroup',
  'createUser',
  'deleteUser',
  'createGroup',
  'deleteGroup',
  'createRole',
  'deleteRole',
  'createPolicy',
  'deletePolicy',
  'createOidcProvider',
  'deleteOidcProvider',
  'createEabKey',
  'deleteEabKey',
] as const

/** What happens between two writes: the intent is prepared, the certificate or the CRL is signed, and nothing of it is stored. */
export const pointsBetweenWrites = ['prepare:after', 'sign:after', 'signCrl:after'] as const

/** What the process that is to die says on its standard error. */
export const lastWords = 'killed at '

// Set by the test for the process that it starts; elsewhere nothing ever happens here.
const target = process.env['KILL_POINT'] ?? ''
let left = Number(process.env['KILL_COUNT'] ?? '1')
const group = new Set<string>()

/** The process passes a point. At the chosen one, after so many passes, it does not come back. */
export function reach(point: string): void {
  if (point !== target || --left > 0) return
  writeSync(2, `${lastWords}${point}\n`)
  process.kill(process.pid, 'SIGKILL')
  // The signal needs a moment, in which this thread must not get any further.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** A group of writes begins: what was noted belongs to an earlier one. */
export function beginGroup(): void {
  group.clear()
}

/** A write takes part in the group. */
export function noteWrite(name: string): void {
  group.add(name)
}

/** The commit of the group is before, sent or after. */
export function reachCommit(moment: 'before' | 'sent' | 'after'): void {
  for (const name of group) reach(`${name}:${moment}`)
}
