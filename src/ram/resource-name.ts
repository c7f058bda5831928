/** The full name of a resource that an action is about; the service is the action's. */
export function resourceName(action: string, accountId: number, relativeId: string): string {
  return `acs:${action.slice(0, action.indexOf(':'))}:*:${accountId}:${relativeId}`
}
