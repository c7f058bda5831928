import type { HolderKind } from '../../storage/ram-attachments.ts'

/** How error codes of RAM call those who hold policies. */
export const holderWords = { user: 'User', group: 'Group', role: 'Role' } as const satisfies Record<HolderKind, string>

/** Policies of one type that a user, group or role may hold. */
export const MOST_ATTACHED = { System: 20, Custom: 10 } as const
