/** Users that an account may have. */
export const MOST_USERS = 1_000
