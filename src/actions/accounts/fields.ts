import { z } from 'zod'
import type { ActionTarget } from '../../gateway/action.ts'
import type { AccountRow } from '../../storage/accounts.ts'

/** An account as the operator sees it. */
export const accountFields = z.object({
  AccountId: z.int(),
  Name: z.string(),
  Status: z.enum(['active', 'suspended']),
  /** `default`: as the mode of the installation says. */
  KeyReading: z.enum(['original', 'separate', 'default']),
  SetOperators: z.boolean(),
  CreatedAt: z.int(),
})

export function accountToWire(account: AccountRow): z.input<typeof accountFields> {
  return {
    AccountId: account.id,
    Name: account.name,
    Status: account.status,
    KeyReading: account.key_reading ?? 'default',
    SetOperators: account.set_operators === 1,
    CreatedAt: account.created_at,
  }
}

export const accountTarget: ActionTarget = {
  resources: ({ AccountId }) => (typeof AccountId === 'string' ? [`account/${AccountId}`] : []),
}
