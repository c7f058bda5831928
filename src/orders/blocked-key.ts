import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { isBlockedKey } from '../storage/blocked-keys.ts'
import { hashSpki } from '../x509/spki.ts'

/** What is told of a key whose compromise was reported. */
export const BLOCKED_KEY = 'The key was reported as compromised when a certificate was revoked: make a new one.'

/**
 * Refuses a key that must not be certified again (BR 6.1.1.3).
 *
 * @throws Problem invalidParameter
 */
export async function assertNotBlocked({ db }: Pick<Services, 'db'>, csr: { readonly spkiDer: Uint8Array }): Promise<void> {
  if (await isBlockedKey(db.read, hashSpki(csr.spkiDer))) throw new Problem('invalidParameter', { P: 'Csr', rule: BLOCKED_KEY })
}
