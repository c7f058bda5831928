import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadUser } from '../../ram/users/user.ts'
import { listEabKeys } from '../../storage/eab-keys.ts'
import { optionalText } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { eabKeyFields, eabKeyToWire } from './eab-fields.ts'
import { maxResults } from './max-results.ts'

const POSITION = /^([0-9]{1,15})\.(eab-[A-Za-z0-9]{20})$/

/** List the external account keys of the account, the newest first; deleted ones only by their status. */
export const listEabKeysAction = action({
  name: 'ListEabKeys',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'yundun-cert:ListEabKeys',
  summary: 'List the external account keys of the account, the newest first; deleted ones only with Status=Deleted.',
  strict: true,
  input: z.object({
    UserName: optionalText,
    Status: z.enum(['Active', 'Inactive', 'Deleted']).optional(),
    MaxResults: maxResults,
    NextToken: optionalText.pipe(z.string().regex(POSITION, 'It must be a NextToken of an earlier answer.').optional()),
  }),
  output: z.object({ EabKeys: z.array(eabKeyFields), NextToken: z.string().optional() }),
  problems: ['entityNotExist'],
  async run({ UserName, Status, MaxResults, NextToken }, { caller }, services) {
    const { accountId } = caller
    const user = UserName === undefined ? undefined : await loadUser(services, accountId, UserName)
    const [, at, id] = POSITION.exec(NextToken ?? '') ?? []
    const before = at === undefined || id === undefined ? undefined : { at: Number(at), id }
    const rows = await listEabKeys(services.db.read, accountId, { status: Status, userId: user?.id }, { before, limit: MaxResults })
    const last = rows.at(-1)
    const now = services.clock()
    return {
      EabKeys: rows.map((row) => eabKeyToWire(row, now)),
      ...(last !== undefined && rows.length === MaxResults && { NextToken: `${last.created_at}.${last.id}` }),
    }
  },
})
