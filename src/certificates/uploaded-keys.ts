import type { Binding } from '../keys/sealer.ts'
import type { Services } from '../services.ts'

/** Which of an upload's keys: the only one or the signing one, or the encrypting one of SM2. */
export type UploadedKeyUse = 'main' | 'encrypt'

/** Seals a key of an uploaded certificate: its PEM, as it is given back. */
export function sealUploadedKey(
  sealer: Services['sealer'],
  pem: string,
  owner: { readonly accountId: number; readonly certificateId: number },
  use: UploadedKeyUse,
): Uint8Array {
  const plain = Buffer.from(pem)
  try {
    return sealer.seal(plain, bindingOf(owner, use))
  } finally {
    plain.fill(0)
  }
}

/** The PEM of a sealed key of an uploaded certificate. Throws SealError. */
export function openUploadedKey(
  sealer: Services['sealer'],
  sealed: Uint8Array,
  owner: { readonly accountId: number; readonly certificateId: number },
  use: UploadedKeyUse,
): string {
  const plain = sealer.open(sealed, bindingOf(owner, use))
  try {
    return Buffer.from(plain).toString()
  } finally {
    plain.fill(0)
  }
}

/** As `installation/sealed-columns.ts` has it for the next master key. */
function bindingOf({ accountId, certificateId }: { accountId: number; certificateId: number }, use: UploadedKeyUse): Binding {
  return { purpose: 'certificateKey', accountId, id: use === 'main' ? `upload-${certificateId}` : `upload-${certificateId}-encrypt` }
}
