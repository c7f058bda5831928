import type { Action, Caller } from '../gateway/action.ts'
import { Problem } from '../problem.ts'

/** The principal of an account itself, e.g. `acs:ram::1234567890123456:root`. */
export function rootPrincipal(accountId: number): string {
  return `acs:ram::${accountId}:root`
}

/**
 * Decides whether the caller may do this. The account itself may do everything in its own account; nobody else exists yet.
 *
 * @throws Problem noPermission
 */
export function authorize(action: Pick<Action, 'ramAction'>, caller: Caller): void {
  if (caller.principal === rootPrincipal(caller.accountId)) return
  throw new Problem('noPermission', { rule: `${action.ramAction} is not allowed.` })
}
