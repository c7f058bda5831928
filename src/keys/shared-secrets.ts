/** What a secret of the installation is for. Each has keys of its own. */
export type SecretPurpose = (typeof secretPurposes)[number]
export const secretPurposes = ['sessionToken', 'diagnosticMessage', 'acmeNonce'] as const

/**
 * Secrets that all processes of an installation share: what one of them seals, every other opens. For what leaves the service and comes back
 * with a client; what is stored belongs to the `Sealer`.
 */
export interface SharedSecrets {
  /** Encrypts and authenticates `plain` (AES-256-GCM under the newest key). */
  seal(purpose: SecretPurpose, plain: Uint8Array): Uint8Array
  /** Gives back what was sealed, or undefined for anything else. */
  open(purpose: SecretPurpose, sealed: Uint8Array): Promise<Uint8Array | undefined>
  /** A MAC over `data` under the newest key (HMAC-SHA-256, 128 bits of it), with the key's version: 20 octets. */
  mac(purpose: SecretPurpose, data: Uint8Array): Uint8Array
  /** Whether a process of the installation made this MAC over `data`. */
  verifyMac(purpose: SecretPurpose, data: Uint8Array, mac: Uint8Array): Promise<boolean>
  /** Adds a new key for each purpose; what the older ones sealed still opens. */
  renew(): Promise<void>
}
