import type { RequestContext } from '../gateway/caller.ts'
import { parseApplicantCsr } from '../orders/applicant-csr.ts'
import type { Services } from '../services.ts'
import { readCsrFacts } from './csr-facts.ts'
import { keepCsr } from './keep-csr.ts'
import { readPairedKey } from './paired-key.ts'

/**
 * Keeps a CSR that was made elsewhere, with its key if that is given.
 *
 * @returns its id
 * @throws Problem invalidParameter, privateKeyFormat, csrKeyMismatch, limitExceeded, callerInactive
 */
export async function uploadCsr(
  services: Pick<Services, 'db' | 'clock' | 'sealer'>,
  context: RequestContext,
  { csr: text, key, name }: { readonly csr: string; readonly key: string | undefined; readonly name: string | undefined },
): Promise<number> {
  const csr = await parseApplicantCsr(text)
  const facts = readCsrFacts(csr)
  const pkcs8Der = key === undefined ? undefined : readPairedKey(key, csr.spkiDer)
  try {
    return await keepCsr(services, context, { facts, name, pkcs8Der, source: 'uploaded' })
  } finally {
    pkcs8Der?.fill(0)
  }
}
