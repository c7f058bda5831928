import { Problem } from '../problem.ts'

/** The levels that people review. */
export type ReviewedLevel = 'OV' | 'EV'

/**
 * What a review has to establish, as a closed list: BR 3.2.2.1 to 3.2.2.3, 3.2.5, 4.1.2, 4.2.1 and 5.3.3 for both levels; EVG 3.2.2, 4.2.1 and
 * 5.2.4 for EV. `mayNotApply`: the applicant may have nothing of the kind. The age of evidence is no check of a person's: it is computed.
 */
const checks = {
  organizationIdentity: { level: 'OV' },
  organizationAddress: { level: 'OV' },
  tradeName: { level: 'OV', mayNotApply: true },
  country: { level: 'OV' },
  requesterAuthority: { level: 'OV' },
  permittedRequesters: { level: 'OV', mayNotApply: true },
  subscriberAgreement: { level: 'OV' },
  requestCertification: { level: 'OV' },
  sourceQuality: { level: 'OV' },
  documentInspection: { level: 'OV' },
  // Who decides is a validation specialist, trained and examined (BR 5.3.3).
  validationSpecialist: { level: 'OV' },
  legalExistence: { level: 'EV' },
  agencyDisclosed: { level: 'EV' },
  assumedName: { level: 'EV', mayNotApply: true },
  physicalExistence: { level: 'EV' },
  verifiedCommunication: { level: 'EV' },
  operationalExistence: { level: 'EV' },
  // The proof of control, and that the name's scripts imitate nobody else's.
  domainControlAndLookAlikes: { level: 'EV' },
  requestRoles: { level: 'EV' },
  signaturesAndApproval: { level: 'EV' },
  denyLists: { level: 'EV' },
  crossCorrelation: { level: 'EV' },
} as const satisfies Record<string, { readonly level: ReviewedLevel; readonly mayNotApply?: true }>

export type ReviewCheckName = keyof typeof checks

/** One check as a reviewer recorded it. */
export interface ReviewCheck {
  readonly name: ReviewCheckName
  readonly result: 'passed' | 'failed' | 'notApplicable'
  /** Where the evidence is from, in the reviewer's words; empty only where the check does not apply. */
  readonly source: string
  /** The day of the evidence in UTC, `YYYY-MM-DD`. */
  readonly collectedAt: string
}

/** What is kept of a decision beside its reason. */
export interface RecordedChecks {
  /** The reviewer's, as the name was then. */
  readonly principal: string
  readonly checks: readonly ReviewCheck[]
}

/** Reads the column `checks` of a decision, which the service itself has written. */
export function readRecordedChecks({ checks }: { readonly checks: string }): RecordedChecks {
  return JSON.parse(checks) as RecordedChecks
}

/** A check as it came in, at the place N of `Checks.N.Name`, `.Result`, `.Source` and `.CollectedAt`. */
export interface GivenCheck {
  readonly name: string
  readonly result: string
  readonly source: string
  /** Absent: today. */
  readonly collectedAt?: string | undefined
}

const SOURCE_LENGTH = 500

/**
 * The checks that an approval has to record. The last cross-check of EV is the second person's, who did not collect the data (EVG 3.2.2.13) and
 * is a specialist too.
 *
 * @param last this approval would be the deciding one
 */
export function requiredChecks(level: ReviewedLevel, last: boolean): readonly ReviewCheckName[] {
  const all = namesOfLevel(level)
  if (level === 'OV') return all
  return last ? ['validationSpecialist', 'crossCorrelation'] : all.filter((name) => name !== 'crossCorrelation')
}

/**
 * Reads what a reviewer recorded.
 *
 * @param now ms
 * @throws Problem invalidParameter, naming the parameter as on the wire
 */
export function parseChecks(given: readonly GivenCheck[], level: ReviewedLevel, now: number): readonly ReviewCheck[] {
  const known = namesOfLevel(level)
  const seen = new Set<string>()
  return given.map((check, index) => {
    const place = `Checks.${index + 1}`
    const name = known.find((one) => one === check.name)
    if (name === undefined) throw invalid(`${place}.Name`, `The checks of ${level} are ${known.join(', ')}.`)
    if (seen.has(name)) throw invalid(`${place}.Name`, 'Each check may be given once.')
    seen.add(name)
    return {
      name,
      result: parseResult(name, check.result, `${place}.Result`),
      source: parseSource(check, `${place}.Source`),
      collectedAt: parseDay(check.collectedAt, `${place}.CollectedAt`, now),
    }
  })
}

/**
 * Holds an approval against the list.
 *
 * @throws Problem invalidParameter for `Checks`, naming every check that is missing or did not pass
 */
export function assertComplete(given: readonly ReviewCheck[], required: readonly ReviewCheckName[]): void {
  const failed = given.filter(({ result }) => result === 'failed').map(({ name }) => name)
  if (failed.length > 0) throw invalid('Checks', `An order is not approved with checks that failed: ${failed.join(', ')}.`)
  const missing = required.filter((name) => !given.some((one) => one.name === name))
  if (missing.length > 0) throw invalid('Checks', `An approval needs these checks too: ${missing.join(', ')}.`)
}

const DAY_MS = 86_400_000
/** Evidence counts for so many days (BR 4.2.1). */
const EVIDENCE_DAYS = 398

/**
 * Holds the age of evidence against the limit: of the deciding approval that of all approvals, the earlier ones' too.
 *
 * @throws Problem invalidParameter for `Checks`, naming every check whose evidence is too old
 */
export function assertFresh(made: readonly ReviewCheck[], now: number): void {
  const old = made.filter(({ collectedAt }) => now - Date.parse(collectedAt) > EVIDENCE_DAYS * DAY_MS).map(({ name }) => name)
  if (old.length > 0)
    throw invalid('Checks', `Evidence is at most ${EVIDENCE_DAYS} days old; that of these checks is older: ${old.join(', ')}.`)
}

function namesOfLevel(level: ReviewedLevel): readonly ReviewCheckName[] {
  // `Object.keys` forgets which names these are.
  return (Object.keys(checks) as ReviewCheckName[]).filter((name) => level === 'EV' || checks[name].level === 'OV')
}

function parseResult(name: ReviewCheckName, result: string, P: string): ReviewCheck['result'] {
  if (result === 'passed' || result === 'failed') return result
  if (result === 'notApplicable' && 'mayNotApply' in checks[name]) return result
  throw invalid(P, `It must be passed or failed${'mayNotApply' in checks[name] ? ', or notApplicable' : ''}.`)
}

function parseSource({ source, result }: GivenCheck, P: string): string {
  const text = source.trim()
  if (text === '' && result !== 'notApplicable') throw invalid(P, 'Say where the evidence is from.')
  if (text.length > SOURCE_LENGTH) throw invalid(P, `At most ${SOURCE_LENGTH} characters are allowed.`)
  return text
}

function parseDay(text: string | undefined, P: string, now: number): string {
  const today = toDay(now)
  if (text === undefined) return today
  const ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms) || toDay(ms) !== text) throw invalid(P, 'A day is needed, YYYY-MM-DD in UTC.')
  if (text > today) throw invalid(P, 'It is a day that has not come yet in UTC.')
  return text
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function invalid(P: string, rule: string): Problem {
  return new Problem('invalidParameter', { P, rule })
}
