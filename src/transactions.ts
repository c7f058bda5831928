import { createInstallation } from './installation/create-installation.tx.ts'
import { raiseNumbers } from './installation/raise-numbers.tx.ts'
import { createAccessKey } from './ram/create-access-key.tx.ts'
import { storeServiceCertificate } from './installation/store-service-certificate.tx.ts'
import { destroyKeys } from './keys/destroy-keys.tx.ts'
import { failOrder } from './orders/fail-order.tx.ts'
import { issueCertificate } from './orders/issue-certificate.tx.ts'
import { changeAcmeKey } from './acme/change-key.tx.ts'
import { createAcmeAccount } from './acme/create-account.tx.ts'
import { deactivateAcmeAccount } from './acme/deactivate-account.tx.ts'
import { updateAcmeAccount } from './acme/update-account.tx.ts'
import { endAcmeOrder } from './orders/acme/end-acme-order.tx.ts'
import { postponeChallenge, recordChallenge } from './orders/acme/record-challenge.tx.ts'
import { deactivateAuthorization, startChallenge } from './orders/acme/start-challenge.tx.ts'
import { upgradeRevocation } from './orders/acme/upgrade-revocation.tx.ts'
import { placeOrder } from './orders/place-order.tx.ts'
import { postponeOrder } from './orders/postpone-order.tx.ts'
import { recordAttempt } from './orders/record-attempt.tx.ts'
import { recordKeyReading } from './orders/record-key-reading.tx.ts'
import { revokeCertificate } from './orders/revoke-certificate.tx.ts'
import { buyPlan } from './plans/buy-plan.tx.ts'
import { attachPolicy } from './ram/attachments/attach-policy.tx.ts'
import { createPolicy } from './ram/policies/create-policy.tx.ts'
import { createPolicyVersion } from './ram/policies/create-policy-version.tx.ts'
import { createRole } from './ram/roles/create-role.tx.ts'
import { deletePolicy } from './ram/policies/delete-policy.tx.ts'
import { deletePolicyVersion } from './ram/policies/delete-policy-version.tx.ts'
import { deleteRole } from './ram/roles/delete-role.tx.ts'
import { detachPolicy } from './ram/attachments/detach-policy.tx.ts'
import { setDefaultPolicyVersion } from './ram/policies/set-default-policy-version.tx.ts'
import { updatePolicyDescription } from './ram/policies/update-policy-description.tx.ts'
import { updateRole } from './ram/roles/update-role.tx.ts'
import { claimOrders, releaseOrders } from './runner/claim-orders.tx.ts'
import { storeCrl } from './ca/store-crl.tx.ts'
import { storeSharedSecret } from './keys/store-shared-secret.tx.ts'
import { deleteCertificate } from './certificates/delete-certificate.tx.ts'
import { uploadCertificate } from './certificates/upload-certificate.tx.ts'
import { deleteOrder } from './orders/delete-order.tx.ts'
import { decideReview } from './orders/decide-review.tx.ts'
import { openReview } from './orders/open-review.tx.ts'
import { submitOrder } from './orders/submit-order.tx.ts'
import { withdrawOrder } from './orders/withdraw-order.tx.ts'
import { addMember } from './ram/groups/add-member.tx.ts'
import { removeMember } from './ram/groups/remove-member.tx.ts'
import { createGroup } from './ram/groups/create-group.tx.ts'
import { deleteGroup } from './ram/groups/delete-group.tx.ts'
import { updateGroup } from './ram/groups/update-group.tx.ts'
import { deleteAccessKey } from './ram/keys/delete-access-key.tx.ts'
import { noteKeyUse } from './ram/keys/note-key-use.tx.ts'
import { setAccessKeyStatus } from './ram/keys/set-access-key-status.tx.ts'
import { createEabKey } from './ram/eab/create-eab-key.tx.ts'
import { deleteEabKey } from './ram/eab/delete-eab-key.tx.ts'
import { revokeAcmeAccount } from './ram/eab/revoke-acme-account.tx.ts'
import { updateEabKey } from './ram/eab/update-eab-key.tx.ts'
import { changeRamTags } from './ram/tags/change-tags.tx.ts'
import { createUser } from './ram/users/create-user.tx.ts'
import { deleteUser } from './ram/users/delete-user.tx.ts'
import { updateUser } from './ram/users/update-user.tx.ts'
import { beatLimits } from './ram/limits/beat-limits.tx.ts'
import { leaveLimits } from './ram/limits/leave-limits.tx.ts'
import { createAccount } from './ram/accounts/create-account.tx.ts'
import { updateAccount } from './ram/accounts/update-account.tx.ts'
import { announceDeletion } from './audit/announce-deletion.tx.ts'
import { claimAuditLog } from './audit/claim-audit-log.tx.ts'
import { createAuditLog } from './audit/create-audit-log.tx.ts'
import { deleteBodies } from './audit/delete-bodies.tx.ts'
import { forgetSources } from './audit/forget-sources.tx.ts'
import { sealEvents } from './audit/seal-events.tx.ts'
import { storeCallEvents } from './audit/store-call-events.tx.ts'
import { storeLostCalls } from './audit/store-lost-calls.tx.ts'
import { createOidcProvider } from './ram/oidc/create-provider.tx.ts'
import { deleteOidcProvider } from './ram/oidc/delete-provider.tx.ts'
import { updateOidcProvider } from './ram/oidc/update-provider.tx.ts'
import { startSession } from './ram/sessions/start-session.tx.ts'
import {
  announceMasterKey,
  closeMasterKey,
  retireMasterKey,
  switchMasterKey,
  withdrawMasterKey,
} from './installation/master-key-state.tx.ts'
import { reseal } from './installation/reseal.tx.ts'
import { sweepExpired } from './runner/sweep-expired.tx.ts'
import { createCompany } from './contacts/create-company.tx.ts'
import { createContact } from './contacts/create-contact.tx.ts'
import { deleteCompany } from './contacts/delete-company.tx.ts'
import { deleteContact } from './contacts/delete-contact.tx.ts'
import { updateCompany } from './contacts/update-company.tx.ts'
import { updateContact } from './contacts/update-contact.tx.ts'
import { deleteCsr } from './csrs/delete-csr.tx.ts'
import { storeCsr } from './csrs/store-csr.tx.ts'
import { updateCsr } from './csrs/update-csr.tx.ts'
import { changeTags } from './orders/change-tags.tx.ts'
import { packKeywordLines } from './storage/pack-keyword-lines.tx.ts'
import { moveResourceGroup } from './orders/move-resource-group.tx.ts'

/** Every write of the service, by name. */
export const transactions = {
  attachPolicy,
  createPolicy,
  createPolicyVersion,
  createRole,
  deletePolicy,
  deletePolicyVersion,
  deleteRole,
  detachPolicy,
  setDefaultPolicyVersion,
  updatePolicyDescription,
  updateRole,
  createAccessKey,
  raiseNumbers,
  buyPlan,
  claimOrders,
  createInstallation,
  deleteCertificate,
  deleteOrder,
  destroyKeys,
  failOrder,
  issueCertificate,
  openReview,
  decideReview,
  placeOrder,
  postponeOrder,
  recordAttempt,
  recordKeyReading,
  releaseOrders,
  revokeCertificate,
  storeCrl,
  storeServiceCertificate,
  storeSharedSecret,
  createOidcProvider,
  deleteOidcProvider,
  updateOidcProvider,
  startSession,
  submitOrder,
  sweepExpired,
  announceMasterKey,
  closeMasterKey,
  retireMasterKey,
  switchMasterKey,
  withdrawMasterKey,
  reseal,
  announceDeletion,
  claimAuditLog,
  createAuditLog,
  deleteBodies,
  forgetSources,
  sealEvents,
  storeCallEvents,
  storeLostCalls,
  createAccount,
  updateAccount,
  beatLimits,
  leaveLimits,
  uploadCertificate,
  withdrawOrder,
  addMember,
  removeMember,
  createGroup,
  deleteGroup,
  updateGroup,
  deleteAccessKey,
  noteKeyUse,
  setAccessKeyStatus,
  createEabKey,
  deleteEabKey,
  revokeAcmeAccount,
  updateEabKey,
  changeRamTags,
  createUser,
  deleteUser,
  updateUser,
  createCompany,
  createContact,
  deleteCompany,
  deleteContact,
  updateCompany,
  updateContact,
  deleteCsr,
  storeCsr,
  updateCsr,
  changeTags,
  moveResourceGroup,
  changeAcmeKey,
  createAcmeAccount,
  deactivateAcmeAccount,
  updateAcmeAccount,
  endAcmeOrder,
  postponeChallenge,
  recordChallenge,
  deactivateAuthorization,
  startChallenge,
  upgradeRevocation,
  packKeywordLines,
}
