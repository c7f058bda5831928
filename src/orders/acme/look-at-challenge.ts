import type { ProblemName } from '../../problem.ts'
import type { Services } from '../../services.ts'
import type { OrderAuthorizationRow } from '../../storage/acme-orders.ts'
import { originOf } from '../../storage/events.ts'
import type { DomainProof } from '../../validation/domain-control.ts'
import { startDeadline } from '../../validation/net/deadline.ts'
import type { ProofAttempt, ProofFailure } from '../../validation/proof.ts'
import { proofExpiry } from '../proof-lifetime.ts'
import type { ChallengeChoice } from './challenger-port.ts'
import type { ChallengeType, StoredProblem } from './views.ts'

/** A challenge is looked at so often before it has failed: records and files are often a moment late. */
const MOST_LOOKS = 3
const FIRST_DELAY_MS = 2_000
const LOOK_TIMEOUT_MS = 20_000

/**
 * Stores a look at the chosen challenge of an authorization, with what follows from it.
 *
 * @param choice of a first look, which is stored together with it
 * @returns the authorization as it is then
 * @throws Problem moved if another look was first, callerInactive
 */
export async function recordLook(
  { db, clock, settings }: Pick<Services, 'db' | 'clock' | 'settings'>,
  authorization: OrderAuthorizationRow,
  attempt: ProofAttempt,
  choice: ChallengeChoice | undefined,
): Promise<OrderAuthorizationRow> {
  const { method, thumbprint, attempts } = authorization
  const now = clock()
  const isLast = attempts + 1 >= MOST_LOOKS || !isWorthAnotherLook(attempt.failure)
  const state = attempt.proven ? 'valid' : isLast ? 'invalid' : 'processing'
  const looked = {
    ...authorization,
    state,
    attempts: attempts + 1,
    run_at: state === 'processing' ? now + FIRST_DELAY_MS * 2 ** attempts : null,
    error: attempt.proven ? null : JSON.stringify(problemOf(method as ChallengeType, attempt)),
    expires_at: state === 'valid' ? proofExpiry(now, now, Math.max(settings.proofReuseDays, 1)) : authorization.expires_at,
    validated_at: state === 'valid' ? now : authorization.validated_at,
    evidence: JSON.stringify(attempt.evidence),
  } as const
  await db.write.recordChallenge({
    authorizationId: looked.id,
    orderId: looked.order_id,
    accountId: looked.account_id,
    identifier: looked.identifier,
    method: method ?? '',
    attempts,
    choice:
      choice === undefined
        ? null
        : {
            caller: choice.caller.context.caller,
            acmeAccountId: choice.caller.acmeAccountId,
            origin: originOf(choice.caller.context),
            thumbprint: thumbprint ?? '',
          },
    attemptId: await db.nextId('validation_attempts'),
    eventId: await db.nextId('events'),
    now,
    state,
    outcome: attempt.proven ? 'proven' : (attempt.failure ?? 'unknown'),
    message: attempt.message,
    evidence: looked.evidence,
    error: looked.error,
    runAt: looked.run_at,
    expiresAt: looked.expires_at,
  })
  return looked
}

/** One look at the chosen challenge of an authorization; what takes too long is a failed one. */
export async function lookAtChallenge(
  { domainControl }: Pick<Services, 'domainControl'>,
  { account_id, identifier, method: chosen, token, thumbprint }: OrderAuthorizationRow,
  signal: AbortSignal,
): Promise<ProofAttempt> {
  const method = chosen as ChallengeType
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
