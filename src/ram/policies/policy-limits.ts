/** Custom policies that an account may have. */
export const MOST_POLICIES = 1_500

/** Versions that one of them may have. */
export const MOST_VERSIONS = 5
