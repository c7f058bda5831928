import type { KeyAlgorithm } from './key-pair.ts'
import { parseKeyAlgorithm } from './key-pair.ts'
import type { Binding, Sealer } from './sealer.ts'

/** A CSR of an account. */
export interface CsrOwner {
  readonly accountId: number
  readonly csrId: number
}

/** Seals the key of a stored CSR: PrivateKeyInfo (RFC 5208). */
export function sealCsrKey(sealer: Pick<Sealer, 'seal'>, pkcs8Der: Uint8Array, owner: CsrOwner): Uint8Array {
  return sealer.seal(pkcs8Der, bindingOf(owner))
}

/** The PrivateKeyInfo of a stored CSR; the caller wipes it. Throws SealError. */
export function openCsrKey(sealer: Pick<Sealer, 'open'>, sealed: Uint8Array, owner: CsrOwner): Uint8Array {
  return sealer.open(sealed, bindingOf(owner))
}

/** The algorithm of a stored CSR in the spelling of orders, or undefined. */
export function csrKeyAlgorithm({ algorithm, key_size: size }: { algorithm: string; key_size: number }): KeyAlgorithm | undefined {
  return parseKeyAlgorithm(`${algorithm}_${size}`)
}

/** As `installation/sealed-columns.ts` has it for the next master key. */
function bindingOf({ accountId, csrId }: CsrOwner): Binding {
  return { purpose: 'certificateKey', accountId, id: `csr-${csrId}` }
}
