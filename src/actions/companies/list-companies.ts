import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findPage } from '../../contacts/search.ts'
import { listCompanies } from '../../storage/companies.ts'
import { optionalText, wireId } from '../fields.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'
import { companyFields, companyToWire } from './company-fields.ts'

/** List company profiles; the keyword is looked for in name and registration number. */
export const listCompaniesAction = action({
  name: 'ListCompanies',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListCompanies',
  summary: 'List the company profiles of the account, the latest first.',
  strict: false,
  input: z.object({ CompanyId: optionalText.pipe(wireId.optional()), Keyword: optionalText, ...pageNumberFields(10) }),
  output: z.object({ CompanyList: z.array(z.object(companyFields)), ...pageNumberAnswer }),
  problems: [],
  async run({ CompanyId, Keyword, CurrentPage, ShowSize }, { caller }, { db }) {
    const companies = await listCompanies(db.read, caller.accountId)
    const asked = CompanyId === undefined ? companies : companies.filter(({ id }) => id === CompanyId)
    const { rows, total } = findPage(asked, ({ name, code }) => [name, code], { keyword: Keyword, page: CurrentPage, size: ShowSize })
    return { CompanyList: rows.map(companyToWire), CurrentPage, ShowSize, TotalCount: total }
  },
})
