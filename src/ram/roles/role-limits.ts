/** Roles that an account may have. */
export const MOST_ROLES = 1_000

/** How long a session of a role may last at most, in seconds: what a role may say, and what one that says nothing gets. */
export const sessionSeconds = { least: 3_600, most: 43_200, default: 3_600 } as const
