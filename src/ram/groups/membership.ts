import type { RamChange } from '../../storage/ram-change.ts'

/** A user and a group, as a call names them. */
export interface MemberNames {
  readonly userName: string
  readonly groupName: string
}

/** The change of one membership. */
export interface MembershipChange extends RamChange {
  readonly groupId: number
  readonly groupName: string
  readonly userId: number
  readonly userName: string
}
