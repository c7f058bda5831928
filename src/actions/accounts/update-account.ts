import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { updateAccount } from '../../ram/accounts/update-account.ts'
import { optionalText, wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { accountFields, accountTarget, accountToWire } from './fields.ts'

/** Rename, suspend or resume an account, or change its rules; for the operator. */
export const updateAccountAction = action({
  name: 'UpdateAccount',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'chancery:UpdateAccount',
  target: accountTarget,
  summary: 'Rename, suspend or resume an account, or change its rules; for the operator.',
  strict: true,
  input: z.object({
    AccountId: wireId,
    Name: optionalText,
    Status: z.enum(['active', 'suspended']).optional(),
    KeyReading: z.enum(['original', 'separate']).optional(),
    SetOperators: z.enum(['true', 'false']).optional(),
  }),
  output: z.object({ Account: accountFields }),
  problems: ['accountNotExist', 'operatorAccount', 'callerInactive'],
  async run(input, context, services) {
    const act = assertOperator(services, context)
    const account = await updateAccount(services, act, input.AccountId, {
      name: input.Name,
      status: input.Status,
      keyReading: input.KeyReading,
      setOperators: input.SetOperators === undefined ? undefined : input.SetOperators === 'true',
    })
    return { Account: accountToWire(account) }
  },
})
