/** The principal of an account itself, e.g. `acs:ram::1234567890123456:root`. */
export function rootPrincipal(accountId: number): string {
  return `acs:ram::${accountId}:root`
}

/** The principal of a RAM user. */
export function userPrincipal(accountId: number, userName: string): string {
  return `acs:ram::${accountId}:user/${userName}`
}

/** The name of a role, as trust policies and AssumeRole write it. */
export function roleName(accountId: number, role: string): string {
  return `acs:ram::${accountId}:role/${role}`
}

/** The principal of a session of a role. */
export function sessionPrincipal(accountId: number, role: string, sessionName: string): string {
  return `acs:ram::${accountId}:assumed-role/${role}/${sessionName}`
}
