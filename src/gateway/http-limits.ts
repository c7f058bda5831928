import type { ServerOptions } from 'node:http'

/** The largest request body in bytes, as the public limit of a POST. */
export const maxBodyBytes = 10 * 1024 * 1024

/**
 * Options of every server in front of the gateway. Generated clients put certificates and keys into the query string of a POST,
 * hence the large head. The time limits end slow requests; `keepAliveTimeout` is what the original announces.
 */
export const httpServerOptions = {
  maxHeaderSize: 256 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 25_000,
  connectionsCheckingInterval: 5_000,
} as const satisfies ServerOptions
