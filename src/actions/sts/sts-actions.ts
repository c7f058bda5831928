import type { Action } from '../../gateway/action.ts'
import { assumeRoleAction } from './assume-role.ts'
import { assumeRoleWithOidcAction } from './assume-role-with-oidc.ts'
import { getCallerIdentityAction } from './get-caller-identity.ts'

/** Sessions of roles: STS, version 2015-04-01. */
export const stsActions: readonly Action[] = [assumeRoleAction, assumeRoleWithOidcAction, getCallerIdentityAction]
