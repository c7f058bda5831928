import type { ProblemName } from '../../problem.ts'
import type { Services } from '../../services.ts'
import type { AuthorizationRow } from '../../storage/acme-orders.ts'
import type { DomainProof } from '../../validation/domain-control.ts'
import { startDeadline } from '../../validation/net/deadline.ts'
import type { ProofAttempt, ProofFailure } from '../../validation/proof.ts'
import { proofExpiry } from '../proof-lifetime.ts'
import type { ChallengeType, StoredProblem } from './views.ts'

/** A challenge is looked at so often before it has failed: records and files are often a moment late. */
const MOST_LOOKS = 3
const FIRST_DELAY_MS = 2_000
const LOOK_TIMEOUT_MS = 20_000

type LookServices = Pick<Services, 'db' | 'clock' | 'domainControl' | 'settings'>

/**
 * One look at the chosen challenge of an authorization, with what follows from it.
 *
 * @throws Problem moved if another look was first
 */
export async function lookAtChallenge(
  services: LookServices,
  authorization: AuthorizationRow,
  signal: AbortSignal,
): Promise<'valid' | 'processing' | 'invalid'> {
  const { db, clock, settings } = services
  const type = authorization.method as ChallengeType
  const attempt = await look(services, authorization, type, signal)
  const now = clock()
  const looks = authorization.attempts + 1
  const state = attempt.proven ? 'valid' : looks >= MOST_LOOKS || !isWorthAnotherLook(attempt.failure) ? 'invalid' : 'processing'
  await db.write.recordChallenge({
    authorizationId: authorization.id,
    accountId: authorization.account_id,
    identifier: authorization.identifier,
    method: type,
    attempts: authorization.attempts,
    attemptId: await db.nextId('validation_attempts'),
    eventId: await db.nextId('events'),
    now,
    state,
    outcome: attempt.proven ? 'proven' : (attempt.failure ?? 'unknown'),
    message: attempt.message,
    evidence: JSON.stringify(attempt.evidence),
    error: attempt.proven ? null : JSON.stringify(problemOf(type, attempt)),
    runAt: state === 'processing' ? now + FIRST_DELAY_MS * 2 ** authorization.attempts : null,
    expiresAt: state === 'valid' ? proofExpiry(now, now, Math.max(settings.proofReuseDays, 1)) : authorization.expires_at,
  })
  return state
}

async function look(
  { domainControl }: LookServices,
  { account_id, identifier, token, thumbprint }: AuthorizationRow,
  method: ChallengeType,
  signal: AbortSignal,
): Promise<ProofAttempt> {
  using deadline = startDeadline(LOOK_TIMEOUT_MS, signal)
  const proof: DomainProof = {
    method,
    identifier: identifier.startsWith('*.') ? identifier.slice(2) : identifier,
    token,
    keyAuthorization: `${token}.${thumbprint ?? ''}`,
    accountId: account_id,
  }
  try {
    return await domainControl.check(proof, deadline.signal)
  } catch (error) {
    if (!deadline.isOver()) throw error
    return {
      proven: false,
      failure: 'timeout',
      message: 'The look at the challenge was given up because it took too long.',
      evidence: { method, queries: [] },
    }
  }
}

/** What will be the same in a few seconds fails at once. */
function isWorthAnotherLook(failure: ProofFailure | undefined): boolean {
  return failure !== 'forbiddenAddress' && failure !== 'badRedirect' && failure !== 'tooLarge'
}

function problemOf(type: ChallengeType, { failure, message, lookUpFailed }: ProofAttempt): StoredProblem {
  return { problem: lookUpFailed === true ? 'proofDns' : problemName(type, failure), params: { rule: message } }
}

/** RFC 8555 section 8 and statement of 6.7: DNS trouble, no connection, TLS trouble, or a wrong answer. */
function problemName(type: ChallengeType, failure: ProofFailure | undefined): ProblemName {
  switch (failure) {
    case 'noRecord':
    case 'nxdomain':
    case 'servfail':
    case 'refused':
    case 'malformed':
      return 'proofDns'
    case 'tls':
      return 'proofTls'
    case 'httpStatus':
    case 'badRedirect':
    case 'tooLarge':
      return 'proofUnauthorized'
    case 'timeout':
    case 'network':
      return type === 'dns-01' ? 'proofDns' : 'proofConnection'
    case 'forbiddenAddress':
      return 'proofConnection'
    case 'wrongValue':
    case 'wildcard':
    case undefined:
      return 'proofIncorrect'
  }
}
