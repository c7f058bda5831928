import type { Action } from '../../gateway/action.ts'
import { attachPolicyToGroupAction } from './attach-policy-to-group.ts'
import { attachPolicyToRoleAction } from './attach-policy-to-role.ts'
import { attachPolicyToUserAction } from './attach-policy-to-user.ts'
import { createPolicyAction } from './create-policy.ts'
import { createPolicyVersionAction } from './create-policy-version.ts'
import { createRoleAction } from './create-role.ts'
import { decodeDiagnosticMessageAction } from './decode-diagnostic-message.ts'
import { deletePolicyAction } from './delete-policy.ts'
import { deletePolicyVersionAction } from './delete-policy-version.ts'
import { deleteRoleAction } from './delete-role.ts'
import { detachPolicyFromGroupAction } from './detach-policy-from-group.ts'
import { detachPolicyFromRoleAction } from './detach-policy-from-role.ts'
import { detachPolicyFromUserAction } from './detach-policy-from-user.ts'
import { getPolicyAction } from './get-policy.ts'
import { getPolicyVersionAction } from './get-policy-version.ts'
import { getRoleAction } from './get-role.ts'
import { listEntitiesForPolicyAction } from './list-entities-for-policy.ts'
import { listPoliciesAction } from './list-policies.ts'
import { listPoliciesForGroupAction } from './list-policies-for-group.ts'
import { listPoliciesForRoleAction } from './list-policies-for-role.ts'
import { listPoliciesForUserAction } from './list-policies-for-user.ts'
import { listPolicyVersionsAction } from './list-policy-versions.ts'
import { listRolesAction } from './list-roles.ts'
import { setDefaultPolicyVersionAction } from './set-default-policy-version.ts'
import { updatePolicyDescriptionAction } from './update-policy-description.ts'
import { updateRoleAction } from './update-role.ts'

/** Policies, attachments, roles and diagnostic messages of RAM, version 2015-05-01. */
export const policyActions: readonly Action[] = [
  createPolicyAction,
  getPolicyAction,
  listPoliciesAction,
  deletePolicyAction,
  updatePolicyDescriptionAction,
  createPolicyVersionAction,
  getPolicyVersionAction,
  listPolicyVersionsAction,
  setDefaultPolicyVersionAction,
  deletePolicyVersionAction,
  attachPolicyToUserAction,
  attachPolicyToGroupAction,
  attachPolicyToRoleAction,
  detachPolicyFromUserAction,
  detachPolicyFromGroupAction,
  detachPolicyFromRoleAction,
  listPoliciesForUserAction,
  listPoliciesForGroupAction,
  listPoliciesForRoleAction,
  listEntitiesForPolicyAction,
  createRoleAction,
  getRoleAction,
  updateRoleAction,
  listRolesAction,
  deleteRoleAction,
  decodeDiagnosticMessageAction,
]
