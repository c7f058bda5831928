import type { Action } from '../../gateway/action.ts'
import { createAccountAction } from './create-account.ts'
import { getAccountAction } from './get-account.ts'
import { listAccountsAction } from './list-accounts.ts'
import { updateAccountAction } from './update-account.ts'

/** Tenants, for the operator. */
export const accountActions: readonly Action[] = [createAccountAction, getAccountAction, listAccountsAction, updateAccountAction]
