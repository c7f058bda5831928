import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a sealed value belongs to. A blob opens only under the binding it was sealed with. */
export interface Binding {
  readonly purpose: 'accessKey' | 'certificateKey' | 'issuerKey' | 'rootKey' | 'secret'
  /** The owning account; 0 for what belongs to the installation. */
  readonly accountId: number
  /** Names the value inside account and purpose, e.g. an access key id or the id of a key row. */
  readonly id: string
}

/** Seals private keys and secrets for storage, each under a data key of its own that is wrapped by the master key. */
export interface Sealer {
  /** 16 hex digits. Tells master keys apart and says nothing about them; also written into each blob. */
  readonly masterKeyId: string
  /** Encrypts `plain` (any length) for `binding`. Two calls never give the same blob. */
  seal(plain: Uint8Array, binding: Binding): Uint8Array
  /** Gives back what was sealed. The caller wipes it after use. Throws {@link SealError}. */
  open(sealed: Uint8Array, binding: Binding): Uint8Array
  /** The value that the database stores to prove that a master key fits. Constant for one master key. */
  keyCheck(): string
  /** True if `keyCheck` was made by this master key. Takes the same time whatever differs. */
  fits(keyCheck: string): boolean
}

/**
 * Why a blob did not open. `format`: not a blob of a known version. `masterKey`: sealed by another master key.
 * `authentication`: changed, or bound to something else; the two look the same on purpose.
 */
export type SealErrorReason = 'format' | 'masterKey' | 'authentication'

/** A sealed value cannot be opened. Holds no part of the value. */
export class SealError extends Error {
  readonly reason: SealErrorReason

  constructor(reason: SealErrorReason, options?: ErrorOptions) {
    super(messages[reason], options)
    this.name = 'SealError'
    this.reason = reason
  }
}

const messages = {
  format: 'This is not a sealed value of a known version.',
  masterKey: 'This value was sealed by another master key.',
  authentication: 'This sealed value was changed, or belongs to something else.',
} as const satisfies Record<SealErrorReason, string>

const masterKeyLength = 32
const dataKeyLength = 32
const idLength = 8
const nonceLength = 12
const tagLength = 16

// version | master key id | wrap nonce | wrapped data key + tag | nonce | ciphertext + tag
const version = 1
const wrapNonceAt = 1 + idLength
const wrappedKeyAt = wrapNonceAt + nonceLength
const nonceAt = wrappedKeyAt + dataKeyLength + tagLength
const ciphertextAt = nonceAt + nonceLength

/**
 * Makes a sealer from a master key of 32 octets: AES-256-GCM (NIST SP 800-38D) under a fresh data key for each value, which is itself
 * wrapped with AES-256-GCM under a key derived from the master key (HKDF, RFC 5869). Both layers authenticate version, master key id and
 * binding. The master key is not kept: the caller may wipe it.
 *
 * Wrap nonces are random, so one master key should seal fewer than 2^32 values (SP 800-38D section 8.3).
 *
 * @param randomBytes cryptographically strong random octets
 * @throws RangeError if the master key does not have 32 octets
 */
export function createSealer(masterKey: Uint8Array, randomBytes: (length: number) => Uint8Array): Sealer {
  if (masterKey.length !== masterKeyLength) throw new RangeError(`A master key has ${masterKeyLength} octets.`)
  const id = derive(masterKey, 'id', idLength)
  const wrapKeyOctets = derive(masterKey, 'wrap', dataKeyLength)
  const wrapKey = createSecretKey(wrapKeyOctets)
  wrapKeyOctets.fill(0)
  const masterKeyId = id.toString('hex')
  const check = Buffer.from(`1.${masterKeyId}.${derive(masterKey, 'check', 32).toString('base64url')}`)

  return {
    masterKeyId,

    seal(plain, binding) {
      const aad = encodeContext(id, binding)
      const dataKey = randomBytes(dataKeyLength)
      try {
        const wrapNonce = randomBytes(nonceLength)
        const nonce = randomBytes(nonceLength)
        const wrapped = encrypt(wrapKey, wrapNonce, aad, dataKey)
        return Buffer.concat([Uint8Array.of(version), id, wrapNonce, wrapped, nonce, encrypt(dataKey, nonce, aad, plain)])
      } finally {
        dataKey.fill(0)
      }
    },

    open(sealed, binding) {
      if (sealed[0] !== version || sealed.length < ciphertextAt + tagLength) throw new SealError('format')
      if (!id.equals(sealed.subarray(1, wrapNonceAt))) throw new SealError('masterKey')
      const aad = encodeContext(id, binding)
      const dataKey = decrypt(wrapKey, sealed.subarray(wrapNonceAt, wrappedKeyAt), aad, sealed.subarray(wrappedKeyAt, nonceAt))
      try {
        return decrypt(dataKey, sealed.subarray(nonceAt, ciphertextAt), aad, sealed.subarray(ciphertextAt))
      } finally {
        dataKey.fill(0)
      }
    },

    keyCheck: () => check.toString(),

    fits(keyCheck) {
      const candidate = Buffer.from(keyCheck)
      return candidate.length === check.length && timingSafeEqual(candidate, check)
    },
  }
}

/** The id that a sealer of this master key has. */
export function masterKeyIdOf(masterKey: Uint8Array): string {
  return derive(masterKey, 'id', idLength).toString('hex')
}

/** The id of the master key that sealed a value, 16 hex digits; undefined if it is no sealed value. */
export function sealedBy(sealed: Uint8Array): string | undefined {
  if (sealed[0] !== version || sealed.length < ciphertextAt + tagLength) return undefined
  return Buffer.from(sealed.subarray(1, wrapNonceAt)).toString('hex')
}

type AesKey = Parameters<typeof createCipheriv>[1]

function derive(masterKey: Uint8Array, use: 'id' | 'wrap' | 'check', length: number): Buffer<ArrayBuffer> {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `chancery sealer 1 ${use}`, length))
}

/** Length-prefixed, so that no two contexts share an encoding. */
function encodeContext(masterKeyId: Uint8Array, { purpose, accountId, id }: Binding): Uint8Array {
  if (!Number.isSafeInteger(accountId) || accountId < 0) throw new RangeError('An account id is a safe integer.')
  // A lone surrogate would be replaced in UTF-8, and two ids would meet.
  if (!id.isWellFormed()) throw new RangeError('An id is well-formed text.')
  const account = Buffer.alloc(8)
  account.writeBigUInt64BE(BigInt(accountId))
  const fields = [Uint8Array.of(version), masterKeyId, Buffer.from(purpose), account, Buffer.from(id)]
  return Buffer.concat(fields.flatMap((field) => [encodeLength(field.length), field]))
}

function encodeLength(length: number): Uint8Array {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(length)
  return octets
}

function encrypt(key: AesKey, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(aad)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: AesKey, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  const tagAt = sealed.length - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(aad).setAuthTag(sealed.subarray(tagAt))
  const plain = decipher.update(sealed.subarray(0, tagAt))
  try {
    decipher.final()
  } catch (cause) {
    plain.fill(0)
    throw new SealError('authentication', { cause })
  }
  return plain
}
