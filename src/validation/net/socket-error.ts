/** Why a connection came to nothing: it failed, or the TLS on it did. `detail` is a code, e.g. `ECONNREFUSED`. */
export interface SocketFailure {
  readonly kind: 'failure'
  readonly failure: 'network' | 'tls'
  readonly detail: string
}

/** Reads an error of a socket. The text of OpenSSL's error queue is left out: its code tells the same. */
export function readSocketError(error: unknown): SocketFailure {
  const code = describe(error)
  // The code alone does not say that it is TLS that failed.
  return /^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code)
    ? { kind: 'failure', failure: 'tls', detail: `TLS failed (${code})` }
    : { kind: 'failure', failure: 'network', detail: code }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
