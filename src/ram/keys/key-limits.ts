/** Active access keys of the account itself. */
export const MOST_ACCOUNT_KEYS = 5

/** Access keys of a user, inactive ones among them, as in the original. */
export const MOST_USER_KEYS = 2
