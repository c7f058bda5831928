import type { Action } from '../gateway/action.ts'
import { checkValidation } from './orders/check-validation.ts'
import { createCertificateRequest } from './orders/create-certificate-request.ts'
import { describeCertificateState } from './orders/describe-certificate-state.ts'
import { describePackageState } from './packages/describe-package-state.ts'
import { purchasePackage } from './packages/purchase-package.ts'

/** The whole API: the gateway, the references and the command line follow from this list. */
export const actions: readonly Action[] = [
  createCertificateRequest,
  describeCertificateState,
  describePackageState,
  purchasePackage,
  checkValidation,
]
