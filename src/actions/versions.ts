/** The ordering API of the original. */
export const CAS_VERSION = '2020-04-07'
/** Our own extensions. */
export const EXTENSION_VERSION = '2026-12-01'

/** Resource Access Management. */
export const RAM_VERSION = '2015-05-01'
/** Security Token Service. */
export const STS_VERSION = '2015-04-01'
/** Identity Management Service: of it, the OIDC providers. */
export const IMS_VERSION = '2019-08-15'
