import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Services } from '../services.ts'
import { listSharedSecrets } from '../storage/shared-secrets.ts'
import type { Sealer } from './sealer.ts'
import { type SecretPurpose, secretPurposes, type SharedSecrets } from './shared-secrets.ts'

/** So many keys may have been added since this process looked: a rotation that is interrupted again and again adds one each time. */
const MOST_UNSEEN = 64
const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const MAC_LENGTH = 16
// version of the key, 4 octets | nonce | ciphertext + tag
const HEADER_LENGTH = 4 + NONCE_LENGTH

type SecretServices = Pick<Services, 'db' | 'clock' | 'randomBytes'> & { readonly sealer: Sealer }

/** Opens the secrets of the installation, and makes those that are missing; processes may race. */
export async function openSharedSecrets(services: SecretServices): Promise<SharedSecrets> {
  const { db, sealer, clock, randomBytes } = services
  let keys = new Map<SecretPurpose, Map<number, SecretKey>>()
  let newestKeys = new Map<SecretPurpose, NewestKey>()

  async function load(): Promise<void> {
    const found = new Map<SecretPurpose, Map<number, SecretKey>>(secretPurposes.map((purpose) => [purpose, new Map()]))
    for (const { purpose, version, sealed } of await listSharedSecrets(db.read)) {
      const binding = { purpose: 'secret', accountId: 0, id: `${purpose}/${version}` } as const
      const key = sealer.open(sealed, binding)
      found.get(purpose as SecretPurpose)?.set(version, prepareKey(key))
      key.fill(0)
    }
    keys = found
    newestKeys = new Map([...found].flatMap(([purpose, versions]) => findNewest(purpose, versions)))
  }

  async function add(purpose: SecretPurpose): Promise<void> {
    const version = newest(purpose) + 1
    const key = randomBytes(KEY_LENGTH)
    const sealed = sealer.seal(key, { purpose: 'secret', accountId: 0, id: `${purpose}/${version}` })
    key.fill(0)
    await db.write.storeSharedSecret({ purpose, version, sealed, now: clock() })
  }

  function newest(purpose: SecretPurpose): number {
    return newestKeys.get(purpose)?.version ?? 0
  }

  /** Another process may have added keys; a version far ahead is nobody's. */
  async function keyOf(purpose: SecretPurpose, version: number): Promise<SecretKey | undefined> {
    if (version > newest(purpose) && version <= newest(purpose) + MOST_UNSEEN) await load()
    return keys.get(purpose)?.get(version)
  }

  function newestKey(purpose: SecretPurpose): NewestKey {
    const key = newestKeys.get(purpose)
    if (key === undefined) throw new Error(`there is no secret for ${purpose}`)
    return key
  }

  await load()
  const missing = secretPurposes.filter((purpose) => newest(purpose) === 0)
  for (const purpose of missing) await add(purpose)
  if (missing.length > 0) await load()

  return {
    seal(purpose, plain) {
      const { key, header } = newestKey(purpose)
      const nonce = randomBytes(NONCE_LENGTH)
      const cipher = createCipheriv('aes-256-gcm', key.aes, nonce, { authTagLength: TAG_LENGTH }).setAAD(header)
      return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },

    async open(purpose, sealed) {
      if (sealed.length < HEADER_LENGTH + TAG_LENGTH) return undefined
      const key = await keyOf(purpose, versionOf(sealed))
      return key === undefined ? undefined : decrypt(key, sealed)
    },

    mac(purpose, data) {
      const { key, header } = newestKey(purpose)
      const made = Buffer.allocUnsafe(header.length + MAC_LENGTH)
      made.set(header)
      made.write(computeMac(key, header, data), header.length, 'latin1')
      return made
    },

    async verifyMac(purpose, data, mac) {
      if (mac.length !== 4 + MAC_LENGTH) return false
      const key = await keyOf(purpose, versionOf(mac))
      return key !== undefined && timingSafeEqual(Buffer.from(computeMac(key, mac.subarray(0, 4), data), 'latin1'), mac.subarray(4))
    },

    async renew() {
      await load()
      for (const purpose of secretPurposes) await add(purpose)
      await load()
    },
  }
}

interface NewestKey {
  readonly version: number
  readonly key: SecretKey
  /** The version, as it stands in front of what the key makes. */
  readonly header: Uint8Array
}

function findNewest(purpose: SecretPurpose, versions: ReadonlyMap<number, SecretKey>): (readonly [SecretPurpose, NewestKey])[] {
  const version = Math.max(0, ...versions.keys())
  const key = versions.get(version)
  if (key === undefined) return []
  const header = Buffer.alloc(4)
  header.writeUInt32BE(version)
  return [[purpose, { version, key, header }]]
}

function versionOf(made: Uint8Array): number {
  return Buffer.from(made.buffer, made.byteOffset, 4).readUInt32BE()
}

/** A key, ready for both uses. */
interface SecretKey {
  readonly aes: KeyObject
  /** The key with the pads of HMAC (RFC 2104 section 2), for a hash of 64-octet blocks. */
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

const BLOCK_LENGTH = 64
const DIGEST_LENGTH = 32

function prepareKey(key: Uint8Array): SecretKey {
  const pad = (octet: number) => Uint8Array.from({ length: BLOCK_LENGTH }, (_, index) => (key[index] ?? 0) ^ octet)
  return { aes: createSecretKey(key), inner: pad(0x36), outer: pad(0x5c) }
}

/**
 * HMAC-SHA-256 of two hashes at once: an object of `createHmac` costs several times as much, at each request of the ACME door. One character an
 * octet, which takes half the time of a buffer.
 */
function computeMac({ inner, outer }: SecretKey, header: Uint8Array, data: Uint8Array): string {
  const asked = Buffer.allocUnsafe(BLOCK_LENGTH + header.length + data.length)
  asked.set(inner)
  asked.set(header, BLOCK_LENGTH)
  asked.set(data, BLOCK_LENGTH + header.length)
  const digested = Buffer.allocUnsafe(BLOCK_LENGTH + DIGEST_LENGTH)
  digested.set(outer)
  digested.write(hash('sha256', asked, 'binary'), BLOCK_LENGTH, 'latin1')
  return hash('sha256', digested, 'binary').slice(0, MAC_LENGTH)
}

function decrypt({ aes }: SecretKey, sealed: Uint8Array): Uint8Array | undefined {
  const tagAt = sealed.length - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', aes, sealed.subarray(4, HEADER_LENGTH), { authTagLength: TAG_LENGTH })
    .setAAD(sealed.subarray(0, 4))
    .setAuthTag(sealed.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEADER_LENGTH, tagAt)), decipher.final()])
  } catch {
    return undefined
  }
}
