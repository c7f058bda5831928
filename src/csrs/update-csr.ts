import type { RequestContext } from '../gateway/caller.ts'
import { sealCsrKey } from '../keys/csr-keys.ts'
import type { Services } from '../services.ts'
import { originOf } from '../storage/events.ts'
import { parseCertificationRequest } from '../x509/csr.ts'
import { decodeOnlyPem } from '../x509/pem.ts'
import { loadCsr } from './load-csr.ts'
import { readPairedKey } from './paired-key.ts'

/**
 * Keeps the private key of a CSR with it; one that is there is replaced.
 *
 * @throws Problem notFoundContent, privateKeyFormat, csrKeyMismatch, callerInactive
 */
export async function updateCsr(
  services: Pick<Services, 'db' | 'clock' | 'sealer'>,
  context: RequestContext,
  { csrId, key }: { readonly csrId: number; readonly key: string },
): Promise<void> {
  const { db, clock, sealer } = services
  const { accountId } = context.caller
  const { pem } = await loadCsr(services, accountId, csrId)
  const { publicKey } = parseCertificationRequest(decodeOnlyPem(pem, 'CERTIFICATE REQUEST'))
  const pkcs8Der = readPairedKey(key, publicKey.der)
  try {
    await db.write.updateCsr({
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      now: clock(),
      csrId,
      keySealed: sealCsrKey(sealer, pkcs8Der, { accountId, csrId }),
    })
  } finally {
    pkcs8Der.fill(0)
  }
}
