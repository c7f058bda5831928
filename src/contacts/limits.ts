/** Contacts that an account may have, and company profiles as many. */
export const MOST_OF_A_KIND = 1_000
