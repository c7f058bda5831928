import type { Action } from '../gateway/action.ts'
import { accountActions } from './accounts/account-actions.ts'
import { getAuditProofAction } from './audit/get-audit-proof.ts'
import { lookupEventsAction } from './audit/lookup-events.ts'
import { downloadCertificateAction } from './certificates/download-certificate.ts'
import { deleteUserCertificate } from './certificates/delete-user-certificate.ts'
import { getCertificateDetail } from './certificates/get-certificate-detail.ts'
import { getUserCertificateDetail } from './certificates/get-user-certificate-detail.ts'
import { uploadUserCertificate } from './certificates/upload-user-certificate.ts'
import { moveClock } from './emulator/move-clock.ts'
import { setProofs } from './emulator/set-proofs.ts'
import { cancelCertificateForPackageRequest } from './orders/cancel-certificate-for-package-request.ts'
import { cancelOrderRequest } from './orders/cancel-order-request.ts'
import { checkDomainAction } from './orders/check-domain.ts'
import { checkValidation } from './orders/check-validation.ts'
import { createCertificateRequest } from './orders/create-certificate-request.ts'
import { createCertificateForPackageRequest } from './orders/create-certificate-for-package-request.ts'
import { createCertificateWithCsrRequest } from './orders/create-certificate-with-csr-request.ts'
import { deleteCertificateRequest } from './orders/delete-certificate-request.ts'
import { describeCertificateState } from './orders/describe-certificate-state.ts'
import { explainOrderAction } from './orders/explain-order.ts'
import { listActions } from './lists/list-actions.ts'
import { listOrdersAction } from './orders/list-orders.ts'
import { renewCertificateOrderForPackageRequest } from './orders/renew-certificate-order-for-package-request.ts'
import { submitOrderAction } from './orders/submit-order.ts'
import { describePackageState } from './packages/describe-package-state.ts'
import { policyActions } from './ram/policy-actions.ts'
import { explainPermissionAction } from './ram/explain-permission.ts'
import { userActions } from './ram/user-actions.ts'
import { imsActions } from './ims/ims-actions.ts'
import { stsActions } from './sts/sts-actions.ts'
import { purchasePackage } from './packages/purchase-package.ts'
import { companyActions } from './companies/company-actions.ts'
import { contactActions } from './contacts/contact-actions.ts'
import { csrActions } from './csrs/csr-actions.ts'
import { reviewActions } from './reviews/review-actions.ts'
import { eabActions } from './eab/eab-actions.ts'
import { tagActions } from './tags/tag-actions.ts'

/** Further actions of the emulator mode. */
export const emulatorActions: readonly Action[] = [moveClock, setProofs]

/** The whole API: the gateway, the references and the command line follow from this list. */
export const actions: readonly Action[] = [
  createCertificateRequest,
  createCertificateWithCsrRequest,
  createCertificateForPackageRequest,
  cancelOrderRequest,
  deleteCertificateRequest,
  cancelCertificateForPackageRequest,
  renewCertificateOrderForPackageRequest,
  submitOrderAction,
  describeCertificateState,
  uploadUserCertificate,
  getUserCertificateDetail,
  getCertificateDetail,
  deleteUserCertificate,
  downloadCertificateAction,
  describePackageState,
  purchasePackage,
  checkValidation,
  checkDomainAction,
  explainOrderAction,
  listOrdersAction,
  ...listActions,
  ...contactActions,
  ...companyActions,
  ...csrActions,
  ...tagActions,
  ...reviewActions,
  ...eabActions,
  lookupEventsAction,
  getAuditProofAction,
  ...accountActions,
  ...userActions,
  explainPermissionAction,
  ...policyActions,
  ...stsActions,
  ...imsActions,
]
