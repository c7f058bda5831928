import type { Action } from '../../gateway/action.ts'
import { getCertificatePackageCount } from './get-certificate-package-count.ts'
import { listCertAction } from './list-cert.ts'
import { listCertificatesAction } from './list-certificates.ts'
import { listTrusteeOrder } from './list-trustee-order.ts'
import { listUserCertificateOrder } from './list-user-certificate-order.ts'

/** The lists of the original, and the overview of an account's plans. */
export const listActions: readonly Action[] = [
  listUserCertificateOrder,
  listTrusteeOrder,
  getCertificatePackageCount,
  listCertificatesAction,
  listCertAction,
]
