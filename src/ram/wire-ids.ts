/** The id of a user on the wire: 18 digits that begin with 2. A text, because it exceeds 2^53. */
export function userWireId(userId: number): string {
  return `2${String(userId).padStart(17, '0')}`
}

/** The id of a group on the wire: `g-` and 16 digits. */
export function groupWireId(groupId: number): string {
  return `g-${String(groupId).padStart(16, '0')}`
}

/** The id of a role on the wire: 18 digits that begin with 3. */
export function roleWireId(roleId: number): string {
  return `3${String(roleId).padStart(17, '0')}`
}
