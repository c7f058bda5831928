import { hash } from 'node:crypto'

/** What the key of a PKCS #12 MAC is derived from. */
export interface MacKeySource {
  /** Printable ASCII. */
  readonly password: string
  readonly salt: Uint8Array
  readonly iterations: number
}

/** Octets of a SHA-256 block, and of its digest. */
const BLOCK = 64
const DIGEST = 32
/** ID octet of the derivation of MAC keys (RFC 7292 appendix B.3). */
const MAC_PURPOSE = 3
/** So many rounds take some milliseconds. */
const ROUNDS_AT_ONCE = 5_000

/**
 * The 32 octets of a MAC key (RFC 7292 appendix B.2 with SHA-256): one digest long, so that the derivation has one round.
 *
 * @param pause awaited every few milliseconds: the rounds run on the caller's thread
 */
export async function deriveMacKey({ password, salt, iterations }: MacKeySource, pause: () => Promise<void>): Promise<Uint8Array> {
  const diversifier = Buffer.alloc(BLOCK, MAC_PURPOSE)
  const secret = encodeBmpPassword(password)
  let octets: Uint8Array = sha256(Buffer.concat([diversifier, fillBlocks(salt), fillBlocks(secret)]))
  for (let round = 1; round < iterations; round += 1) {
    octets = sha256(octets)
    if (round % ROUNDS_AT_ONCE === 0) await pause()
  }
  return octets.subarray(0, DIGEST)
}

function sha256(octets: Uint8Array): Buffer {
  return hash('sha256', octets, 'buffer')
}

/** UTF-16 with the high octet first and a zero character last (RFC 7292 appendix B.1). */
function encodeBmpPassword(password: string): Uint8Array {
  return Buffer.from(`${password}\0`, 'utf16le').swap16()
}

/** Repeats octets until they fill whole blocks; nothing stays nothing. */
function fillBlocks(octets: Uint8Array): Uint8Array {
  return Buffer.alloc(Math.ceil(octets.length / BLOCK) * BLOCK, octets)
}
