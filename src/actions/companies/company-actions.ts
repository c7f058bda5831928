import type { Action } from '../../gateway/action.ts'
import { createCompanyAction } from './create-company.ts'
import { deleteCompanyAction } from './delete-company.ts'
import { getCompanyAction } from './get-company.ts'
import { listCompaniesAction } from './list-companies.ts'
import { updateCompanyAction } from './update-company.ts'

/** Company profiles: whom OV and EV certificates name. */
export const companyActions: readonly Action[] = [
  createCompanyAction,
  getCompanyAction,
  updateCompanyAction,
  deleteCompanyAction,
  listCompaniesAction,
]
