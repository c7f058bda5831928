import { z } from 'zod'
import { findPage } from '../../contacts/search.ts'
import { action } from '../../gateway/action.ts'
import { listCsrs } from '../../storage/csrs.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { optionalText } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { csrFields, csrToWire } from './csr-fields.ts'

/** Lists CSRs; the keyword is looked for in the name and in the domain names. */
export const listCsrAction = action({
  name: 'ListCsr',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListCsr',
  summary: 'List the CSRs of the account, the latest first.',
  strict: false,
  input: z.object({
    KeyWord: optionalText,
    Algorithm: z
      .enum(['RSA', 'ECC', 'SM2', ''], { error: 'RSA, ECC or SM2 is needed.' })
      .optional()
      .transform((text) => (text === '' ? undefined : text)),
    ...pageNumberFields(50),
  }),
  output: z.object({ CsrList: z.array(z.object(csrFields)), ...pageNumberAnswer }),
  problems: [],
  async run({ KeyWord, Algorithm, CurrentPage, ShowSize }, { caller }, { db }) {
    const csrs = await listCsrs(db.read, caller.accountId)
    const { rows, total } = findPage(
      csrs.filter(({ algorithm }) => Algorithm === undefined || algorithm === Algorithm),
      ({ name, common_name, sans }) => [name, common_name, sans],
      { keyword: KeyWord, page: CurrentPage, size: ShowSize },
    )
    return { CsrList: rows.map(csrToWire), CurrentPage, ShowSize, TotalCount: total }
  },
})
