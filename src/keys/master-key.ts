import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A master key cannot be read or made. The message is for the operator and holds no part of the key. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError'
}

const keyLength = 32

/**
 * Reads the 32 octets of a master key file: one line of base64 (RFC 4648 section 4), readable by its owner alone.
 *
 * @returns undefined if there is no such file
 * @throws MasterKeyError if group or others have any right to the file, if it is not a plain file, or does not hold a key
 */
export function loadMasterKeyFile(path: string): Uint8Array | undefined {
  const file = openIfPresent(path)
  if (file === undefined) return undefined
  try {
    const status = fstatSync(file)
    if (!status.isFile()) throw new MasterKeyError(`The master key ${path} is not a file.`)
    if ((status.mode & 0o077) !== 0) {
      const mode = (status.mode & 0o777).toString(8).padStart(4, '0')
      throw new MasterKeyError(`The master key ${path} has mode ${mode}: others than its owner can reach it. Run: chmod 600 ${path}`)
    }
    return decodeKey(path, readFileSync(file))
  } finally {
    closeSync(file)
  }
}

/**
 * Makes a master key and its file (mode 0600), and returns the key's 32 octets once file and directory entry are on disk.
 * The file appears whole or not at all, and never replaces another: of two processes that race, one succeeds and the other is refused.
 *
 * @param randomBytes cryptographically strong random octets
 * @throws MasterKeyError if the path exists or cannot be written
 */
export function createMasterKeyFile(path: string, randomBytes: (length: number) => Uint8Array): Uint8Array {
  const key = randomBytes(keyLength)
  const draft = `${path}.${Buffer.from(randomBytes(8)).toString('hex')}.new`
  try {
    writeDurably(draft, `${Buffer.from(key).toString('base64')}\n`)
    try {
      // Like O_EXCL a link refuses an existing name, but it never shows a half-written file to another process or after a crash.
      linkSync(draft, path)
    } finally {
      unlinkSync(draft)
    }
    syncDirectory(dirname(path))
  } catch (cause) {
    key.fill(0)
    const why = errorCode(cause) === 'EEXIST' ? 'it exists' : (errorCode(cause) ?? 'unknown error')
    throw new MasterKeyError(`The master key ${path} cannot be made: ${why}.`, { cause })
  }
  return key
}

/**
 * The master key that a setting holds as base64 (RFC 4648 section 4).
 *
 * @throws MasterKeyError if it does not give 32 octets
 */
export function decodeMasterKey(base64: string): Uint8Array {
  const key = decodeBase64(base64)
  if (key === undefined) throw new MasterKeyError(`CHANCERY_MASTER_KEY must be base64 that gives ${keyLength} octets.`)
  return key
}

function decodeBase64(text: string): Uint8Array | undefined {
  const key = Buffer.from(text, 'base64')
  // Node skips what is not base64: only a text that encodes back to itself was a whole key.
  return key.length === keyLength && key.toString('base64') === text ? new Uint8Array(key) : undefined
}

function openIfPresent(path: string): number | undefined {
  try {
    // Not blocking: opening a named pipe would otherwise wait for its other end.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined
    throw new MasterKeyError(`The master key ${path} cannot be read: ${errorCode(cause) ?? 'unknown error'}.`, { cause })
  }
}

function decodeKey(path: string, content: Buffer): Uint8Array {
  const line = content.toString('latin1').replace(/\r?\n$/, '')
  content.fill(0)
  const key = decodeBase64(line)
  if (key === undefined) throw new MasterKeyError(`The master key ${path} must be one line of base64 that gives ${keyLength} octets.`)
  return key
}

function writeDurably(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(file, 0o600)
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
