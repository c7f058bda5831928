import { createInstallation } from './installation/create-installation.tx.ts'
import { raiseNumbers } from './installation/raise-numbers.tx.ts'
import { createAccessKey } from './ram/create-access-key.tx.ts'
import { storeServiceCertificate } from './installation/store-service-certificate.tx.ts'
import { destroyKeys } from './keys/destroy-keys.tx.ts'
import { failOrder } from './orders/fail-order.tx.ts'
import { issueCertificate } from './orders/issue-certificate.tx.ts'
import { placeOrder } from './orders/place-order.tx.ts'
import { postponeOrder } from './orders/postpone-order.tx.ts'
import { recordAttempt } from './orders/record-attempt.tx.ts'
import { recordKeyReading } from './orders/record-key-reading.tx.ts'
import { revokeCertificate } from './orders/revoke-certificate.tx.ts'
import { buyPlan } from './plans/buy-plan.tx.ts'
import { claimOrders, releaseOrders } from './runner/claim-orders.tx.ts'
import { storeCrl } from './ca/store-crl.tx.ts'
import { sweepExpired } from './runner/sweep-expired.tx.ts'

/** Every write of the service, by name. */
export const transactions = {
  createAccessKey,
  raiseNumbers,
  buyPlan,
  claimOrders,
  createInstallation,
  destroyKeys,
  failOrder,
  issueCertificate,
  placeOrder,
  postponeOrder,
  recordAttempt,
  recordKeyReading,
  releaseOrders,
  revokeCertificate,
  storeCrl,
  storeServiceCertificate,
  sweepExpired,
}
