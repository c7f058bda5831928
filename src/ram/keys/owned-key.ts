import type { RamChange } from '../../storage/ram-change.ts'

/** A change of one access key. */
export interface AccessKeyChange extends RamChange {
  readonly accessKeyId: string
  /** Null: the account's own key. */
  readonly userId: number | null
}

/** The condition of a statement about the key of {@link ownedKey}. No user has the id 0: it stands for the account itself. */
export const OF_OWNER = 'where id = ? and account_id = ? and coalesce(user_id, 0) = ?'

export function ownedKey({ accessKeyId, caller, userId }: AccessKeyChange): (string | number)[] {
  return [accessKeyId, caller.accountId, userId ?? 0]
}
