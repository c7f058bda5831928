import type { Action } from '../gateway/action.ts'
import { moveClock } from './emulator/move-clock.ts'
import { setProofs } from './emulator/set-proofs.ts'
import { checkValidation } from './orders/check-validation.ts'
import { createCertificateRequest } from './orders/create-certificate-request.ts'
import { describeCertificateState } from './orders/describe-certificate-state.ts'
import { listOrdersAction } from './orders/list-orders.ts'
import { describePackageState } from './packages/describe-package-state.ts'
import { purchasePackage } from './packages/purchase-package.ts'

/** Further actions of the emulator mode. */
export const emulatorActions: readonly Action[] = [moveClock, setProofs]

/** The whole API: the gateway, the references and the command line follow from this list. */
export const actions: readonly Action[] = [
  createCertificateRequest,
  describeCertificateState,
  describePackageState,
  purchasePackage,
  checkValidation,
  listOrdersAction,
]
