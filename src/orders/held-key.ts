import { csrKeyAlgorithm, openCsrKey } from '../keys/csr-keys.ts'
import type { KeyAlgorithm } from '../keys/key-pair.ts'
import type { Services } from '../services.ts'
import { isKeyKept } from '../storage/certificates.ts'
import { findCsrWithKey } from '../storage/csrs.ts'
import { hashSpki } from '../x509/spki.ts'

/**
 * The private key of an applicant's CSR, if the account keeps a CSR of that key together with it: its certificate can then be read with its key
 * as any other. A key that is kept for another certificate, of another account, is not kept twice. The caller seals the key anew, and wipes it.
 */
export async function findHeldKey(
  { db, sealer }: Pick<Services, 'db' | 'sealer'>,
  accountId: number,
  spkiDer: Uint8Array,
): Promise<{ readonly algorithm: KeyAlgorithm; readonly pkcs8Der: Uint8Array } | undefined> {
  const spkiSha256 = hashSpki(spkiDer)
  if (await isKeyKept(db.read, spkiSha256)) return undefined
  const row = await findCsrWithKey(db.read, accountId, spkiSha256)
  const algorithm = row === undefined ? undefined : csrKeyAlgorithm(row)
  if (row === undefined || row.key_sealed === null || algorithm === undefined) return undefined
  return { algorithm, pkcs8Der: openCsrKey(sealer, row.key_sealed, { accountId, csrId: row.id }) }
}
