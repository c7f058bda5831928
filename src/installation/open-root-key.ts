import type { Settings } from '../config.ts'
import { loadMasterKeyFile, MasterKeyError } from '../keys/master-key.ts'
import { createSealer, sealedBy, type Sealer } from '../keys/sealer.ts'
import type { Services } from '../services.ts'
import { oldMasterKeyFile } from './master-key-files.ts'
import { readRootKey, replaceFile, rootKeyFile } from './root-key-file.ts'

type RootKeyServices = Pick<Services, 'sealer' | 'randomBytes'> & { readonly settings: Settings }

/**
 * Opens the key of a root in the data folder. Its file may have been elsewhere while the master key was replaced: the old key's file opens it
 * then, and it is sealed anew at once. The caller wipes the key (PKCS #8).
 *
 * @throws MasterKeyError if the master key that sealed it is not at hand
 */
export function openRootKey({ settings, sealer, randomBytes }: RootKeyServices, id: string): Uint8Array {
  const file = rootKeyFile(settings, id)
  const binding = { purpose: 'rootKey', accountId: 0, id } as const
  const sealed = readRootKey(file)
  const by = sealedBy(sealed)
  const opener = by === undefined || sealer.held().includes(by) ? sealer : findOldKey(settings, by, randomBytes)
  if (opener === undefined) {
    const place = oldMasterKeyFile(settings, by ?? '')
    throw new MasterKeyError(
      `${file} was sealed by the master key ${by}, which was replaced: put that key's file there as ${place}, mode 0600.`,
    )
  }
  const pkcs8 = opener.open(sealed, binding)
  if (by === sealer.masterKeyId) return pkcs8
  try {
    replaceFile(file, sealer.seal(pkcs8, binding))
  } catch (error) {
    pkcs8.fill(0)
    throw error
  }
  return pkcs8
}

function findOldKey(settings: Settings, id: string, randomBytes: (length: number) => Uint8Array): Sealer | undefined {
  const octets = loadMasterKeyFile(oldMasterKeyFile(settings, id))
  if (octets === undefined) return undefined
  const old = createSealer(octets, randomBytes)
  octets.fill(0)
  return old.masterKeyId === id ? old : undefined
}
