import type { RequestContext } from '../gateway/caller.ts'
import { openCsrKey } from '../keys/csr-keys.ts'
import { privateKeyPem } from '../keys/key-pair.ts'
import { mayReadKeyOf, recordReadingOf } from '../orders/key-reading.ts'
import type { Services } from '../services.ts'
import type { CsrRow } from '../storage/csrs.ts'
import { loadCsr } from './load-csr.ts'

export interface CsrDescription {
  readonly pem: string
  /** Undefined if it is not held, or not to be read. */
  readonly privateKeyPem: string | undefined
  /** The key is held, and the caller may not read it. */
  readonly keyWithheld: boolean
}

/**
 * A stored CSR with its key, if the caller may read it; then the reading is on record.
 *
 * @throws Problem notFoundContent
 */
export async function describeCsr(
  services: Pick<Services, 'db' | 'clock' | 'sealer' | 'access'>,
  context: RequestContext,
  csrId: number,
): Promise<CsrDescription> {
  const row = await loadCsr(services, context.caller.accountId, csrId)
  const { pem, key_sealed: sealed } = row
  if (sealed === null) return { pem, privateKeyPem: undefined, keyWithheld: false }
  const resource = `csr/${csrId}`
  if ((await mayReadKeyOf(services, context, resource)) === 'withoutKey') return { pem, privateKeyPem: undefined, keyWithheld: true }
  const key = openKey(services.sealer, row, sealed)
  await recordReadingOf(services, context, resource)
  return { pem, privateKeyPem: key, keyWithheld: false }
}

function openKey(sealer: Services['sealer'], { id, account_id: accountId }: CsrRow, sealed: Uint8Array): string {
  const pkcs8 = openCsrKey(sealer, sealed, { accountId, csrId: id })
  try {
    return privateKeyPem(pkcs8)
  } finally {
    pkcs8.fill(0)
  }
}
