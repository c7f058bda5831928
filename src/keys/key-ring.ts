import { SealError, type Sealer, sealedBy } from './sealer.ts'

/** Several master keys as one sealer: one of them seals, each opens what it sealed. Used while a master key is replaced. */
export interface KeyRing extends Sealer {
  /** Ids of the keys that open, the sealing one first. */
  held(): readonly string[]
  /** From now on this key opens too. */
  add(sealer: Sealer): void
  /** From now on the key of this id seals; it has to be held. */
  use(masterKeyId: string): void
}

export function createKeyRing(first: Sealer): KeyRing {
  const sealers = new Map([[first.masterKeyId, first]])
  let current = first
  return {
    get masterKeyId() {
      return current.masterKeyId
    },
    held: () => [current.masterKeyId, ...[...sealers.keys()].filter((id) => id !== current.masterKeyId)],
    add(sealer) {
      sealers.set(sealer.masterKeyId, sealer)
    },
    use(masterKeyId) {
      const sealer = sealers.get(masterKeyId)
      if (sealer === undefined) throw new Error(`the master key ${masterKeyId} is not held`)
      current = sealer
    },
    seal: (plain, binding) => current.seal(plain, binding),
    open(sealed, binding) {
      const sealer = sealers.get(sealedBy(sealed) ?? '')
      if (sealer === undefined) throw new SealError(sealedBy(sealed) === undefined ? 'format' : 'masterKey')
      return sealer.open(sealed, binding)
    },
    keyCheck: () => current.keyCheck(),
    fits: (keyCheck) => current.fits(keyCheck),
  }
}
