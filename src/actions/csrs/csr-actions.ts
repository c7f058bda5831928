import type { Action } from '../../gateway/action.ts'
import { createCsrAction } from './create-csr.ts'
import { deleteCsrAction } from './delete-csr.ts'
import { getCsrDetailAction } from './get-csr-detail.ts'
import { listCsrAction } from './list-csr.ts'
import { updateCsrAction } from './update-csr.ts'
import { uploadCsrAction } from './upload-csr.ts'

/** CSRs that an account keeps. */
export const csrActions: readonly Action[] = [
  createCsrAction,
  uploadCsrAction,
  listCsrAction,
  getCsrDetailAction,
  updateCsrAction,
  deleteCsrAction,
]
