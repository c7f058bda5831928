/** The ordering API of the original. */
export const CAS_VERSION = '2020-04-07'
/** Our own extensions. */
export const EXTENSION_VERSION = '2026-12-01'
