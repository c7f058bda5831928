import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadAccount } from '../../ram/accounts/load-account.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { accountFields, accountTarget, accountToWire } from './fields.ts'

/** Read an account; for the operator. */
export const getAccountAction = action({
  name: 'GetAccount',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'chancery:GetAccount',
  target: accountTarget,
  summary: 'Read an account; for the operator.',
  strict: true,
  input: z.object({ AccountId: wireId }),
  output: z.object({ Account: accountFields }),
  problems: ['accountNotExist'],
  async run({ AccountId }, context, services) {
    assertOperator(services, context)
    return { Account: accountToWire(await loadAccount(services, AccountId)) }
  },
})
