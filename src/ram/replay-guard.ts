/** One nonce of a request whose signature is right. */
export interface NonceUse {
  /** Nonces count per scope: the access key's id; empty at the ACME door, whose nonces are one space. */
  readonly scope: string
  readonly nonce: string
  /** The request's own time, milliseconds since the epoch. */
  readonly timestampMs: number
  /** From then on the request's timestamp is refused anyway: the nonce may be forgotten. */
  readonly expiresAtMs: number
}

/**
 * Remembers used nonces.
 *
 * - `fresh`: never seen, and consumed by this call
 * - `used`: seen before
 * - `beforeStart`: the guard lost its memory after `timestampMs`, so nobody can tell
 *
 * Throws Problem throttling when it can remember no more.
 */
export interface ReplayGuard {
  use(entry: NonceUse): Promise<'fresh' | 'used' | 'beforeStart'>
}
