import type { Action } from '../../gateway/action.ts'
import { createEabKeyAction } from './create-eab-key.ts'
import { deleteEabKeyAction } from './delete-eab-key.ts'
import { getEabKeyAction } from './get-eab-key.ts'
import { listAcmeAccountsAction } from './list-acme-accounts.ts'
import { listEabKeysAction } from './list-eab-keys.ts'
import { updateAcmeAccountAction } from './update-acme-account.ts'
import { updateEabKeyAction } from './update-eab-key.ts'

/** External account keys, and the accounts that ACME clients made with them. */
export const eabActions: readonly Action[] = [
  createEabKeyAction,
  listEabKeysAction,
  getEabKeyAction,
  updateEabKeyAction,
  deleteEabKeyAction,
  listAcmeAccountsAction,
  updateAcmeAccountAction,
]
