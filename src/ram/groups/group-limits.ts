/** Groups that an account may have, and a user may be in. */
export const MOST_GROUPS = 50
