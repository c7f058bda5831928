import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { isBlockedKey } from '../storage/blocked-keys.ts'
import { hashSpki } from '../x509/spki.ts'

/** What is told of a key whose compromise was reported. */
export const BLOCKED_KEY = 'The key was reported as compromised when a certificate was revoked: make a new one.'

/** Whether a key must not be certified again (BR 6.1.1.3). */
export async function isBlocked({ db }: Pick<Services, 'db'>, spkiDer: Uint8Array): Promise<boolean> {
  return await isBlockedKey(db.read, hashSpki(spkiDer))
}

/** @throws Problem invalidParameter */
export async function assertNotBlocked(services: Pick<Services, 'db'>, csr: { readonly spkiDer: Uint8Array }): Promise<void> {
  if (await isBlocked(services, csr.spkiDer)) throw new Problem('invalidParameter', { P: 'Csr', rule: BLOCKED_KEY })
}
