import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { findPage } from '../../contacts/search.ts'
import { listContacts } from '../../storage/contacts.ts'
import { optionalText } from '../fields.ts'
import { pageNumberAnswer, pageNumberFields } from '../page-number.ts'
import { CAS_VERSION } from '../versions.ts'
import { contactFields, contactToWire } from './contact-fields.ts'

/** List contacts; the keyword is looked for in name, mobile and mail address. */
export const listContactAction = action({
  name: 'ListContact',
  version: CAS_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListContact',
  summary: 'List the contacts of the account, the latest first.',
  strict: false,
  input: z.object({ Keyword: optionalText, ...pageNumberFields(20) }),
  output: z.object({ ContactList: z.array(z.object(contactFields)), Keyword: z.string(), ...pageNumberAnswer }),
  problems: [],
  async run({ Keyword, CurrentPage, ShowSize }, { caller }, { db }) {
    const contacts = await listContacts(db.read, caller.accountId)
    const { rows, total } = findPage(contacts, ({ name, mobile, email }) => [name, mobile, email], {
      keyword: Keyword,
      page: CurrentPage,
      size: ShowSize,
    })
    return { ContactList: rows.map(contactToWire), Keyword: Keyword ?? '', CurrentPage, ShowSize, TotalCount: total }
  },
})
