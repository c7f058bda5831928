import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { listAccounts } from '../../storage/accounts.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { accountFields, accountToWire } from './fields.ts'

/** List the accounts of the installation; for the operator. */
export const listAccountsAction = action({
  name: 'ListAccounts',
  version: EXTENSION_VERSION,
  access: 'list',
  ramAction: 'chancery:ListAccounts',
  summary: 'List the accounts of the installation; for the operator.',
  strict: true,
  input: z.object({
    MaxResults: z
      .string()
      .regex(/^[0-9]{1,3}$/, 'A whole number is needed.')
      .transform(Number)
      .refine((n) => n >= 1 && n <= 100, '1 to 100 are allowed.')
      .optional(),
    NextToken: wireId.optional(),
  }),
  output: z.object({ Accounts: z.array(accountFields), NextToken: z.string().optional() }),
  problems: [],
  async run({ MaxResults = 50, NextToken = 0 }, context, services) {
    assertOperator(services, context)
    const rows = await listAccounts(services.db.read, NextToken, MaxResults)
    const last = rows.at(-1)
    return {
      Accounts: rows.map(accountToWire),
      ...(last !== undefined && rows.length === MaxResults && { NextToken: String(last.id) }),
    }
  },
})
