import type { RequestContext } from '../../gateway/caller.ts'
import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import type { WritingCaller } from '../../storage/accounts.ts'
import { originOf, type Origin, SERVICE_ORIGIN } from '../../storage/events.ts'

/** Who administers accounts: a principal of the operator's account, or with null whoever may use the machine. */
export interface OperatorAct {
  readonly caller: WritingCaller | null
  readonly origin: Origin
}

/** What the operator does at the machine. */
export const atTheMachine: OperatorAct = { caller: null, origin: SERVICE_ORIGIN }

/**
 * Refuses whoever is not of the operator's account; what those may is for their policies.
 *
 * @throws Problem noPermission
 */
export function assertOperator({ operatorAccountId }: Pick<Services, 'operatorAccountId'>, context: RequestContext): OperatorAct {
  if (context.caller.accountId !== operatorAccountId) throw new Problem('noPermission', { rule: 'It is for the account of the operator.' })
  return { caller: context.caller, origin: originOf(context) }
}
