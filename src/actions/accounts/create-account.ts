import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createAccount } from '../../ram/accounts/create-account.ts'
import { assertOperator } from '../../ram/accounts/operator.ts'
import { clientTokenOf } from '../../storage/client-tokens.ts'
import { clientToken } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Makes a tenant. The secret is shown this once: a replay of the token gets the ids alone. */
export const createAccountAction = action({
  name: 'CreateAccount',
  version: EXTENSION_VERSION,
  access: 'create',
  ramAction: 'chancery:CreateAccount',
  summary: 'Make an account (a tenant) with a first access key of its own; for the operator.',
  strict: true,
  input: z.object({ Name: z.string().min(1), ClientToken: clientToken }),
  output: z.object({ AccountId: z.int(), AccessKeyId: z.string(), AccessKeySecret: z.string().optional() }),
  problems: ['idempotentParameterMismatch', 'callerInactive'],
  async run({ Name, ClientToken }, context, services) {
    const act = assertOperator(services, context)
    const token = clientTokenOf(context, ClientToken, Name, services.clock())
    const { accountId, accessKeyId, secret } = await createAccount(services, act, { name: Name, token })
    return { AccountId: accountId, AccessKeyId: accessKeyId, ...(secret !== undefined && { AccessKeySecret: secret }) }
  },
})
