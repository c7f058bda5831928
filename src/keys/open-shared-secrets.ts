import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Services } from '../services.ts'
import { listSharedSecrets } from '../storage/shared-secrets.ts'
import type { Sealer } from './sealer.ts'
import { type SecretPurpose, secretPurposes, type SharedSecrets } from './shared-secrets.ts'

/** So many keys may have been added since this process looked: a rotation that is interrupted again and again adds one each time. */
const MOST_UNSEEN = 64
const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const TAG_LENGTH = 16
// version of the key, 4 octets | nonce | ciphertext + tag
const HEADER_LENGTH = 4 + NONCE_LENGTH

type SecretServices = Pick<Services, 'db' | 'clock' | 'randomBytes'> & { readonly sealer: Sealer }

/** Opens the secrets of the installation, and makes those that are missing; processes may race. */
export async function openSharedSecrets(services: SecretServices): Promise<SharedSecrets> {
  const { db, sealer, clock, randomBytes } = services
  let keys = new Map<SecretPurpose, Map<number, Uint8Array>>()

  async function load(): Promise<void> {
    const found = new Map<SecretPurpose, Map<number, Uint8Array>>(secretPurposes.map((purpose) => [purpose, new Map()]))
    for (const { purpose, version, sealed } of await listSharedSecrets(db.read)) {
      const binding = { purpose: 'secret', accountId: 0, id: `${purpose}/${version}` } as const
      found.get(purpose as SecretPurpose)?.set(version, sealer.open(sealed, binding))
    }
    keys = found
  }

  async function add(purpose: SecretPurpose): Promise<void> {
    const version = newest(purpose) + 1
    const key = randomBytes(KEY_LENGTH)
    const sealed = sealer.seal(key, { purpose: 'secret', accountId: 0, id: `${purpose}/${version}` })
    key.fill(0)
    await db.write.storeSharedSecret({ purpose, version, sealed, now: clock() })
  }

  function newest(purpose: SecretPurpose): number {
    return Math.max(0, ...(keys.get(purpose)?.keys() ?? []))
  }

  await load()
  const missing = secretPurposes.filter((purpose) => newest(purpose) === 0)
  for (const purpose of missing) await add(purpose)
  if (missing.length > 0) await load()

  return {
    seal(purpose, plain) {
      const version = newest(purpose)
      const key = keys.get(purpose)?.get(version)
      if (key === undefined) throw new Error(`there is no secret for ${purpose}`)
      const header = Buffer.alloc(4)
      header.writeUInt32BE(version)
      const nonce = randomBytes(NONCE_LENGTH)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH }).setAAD(header)
      return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },

    async open(purpose, sealed) {
      if (sealed.length < HEADER_LENGTH + TAG_LENGTH) return undefined
      const version = Buffer.from(sealed.subarray(0, 4)).readUInt32BE()
      // Another process may have added keys; a version far ahead is nobody's.
      if (version > newest(purpose) && version <= newest(purpose) + MOST_UNSEEN) await load()
      const key = keys.get(purpose)?.get(version)
      return key === undefined ? undefined : decrypt(key, sealed)
    },

    async renew() {
      await load()
      for (const purpose of secretPurposes) await add(purpose)
      await load()
    },
  }
}

function decrypt(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const tagAt = sealed.length - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(4, HEADER_LENGTH), { authTagLength: TAG_LENGTH })
    .setAAD(sealed.subarray(0, 4))
    .setAuthTag(sealed.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEADER_LENGTH, tagAt)), decipher.final()])
  } catch {
    return undefined
  }
}
