/**
 * Draws a serial number: 16 octets whose first begins with the bits 01, so that 126 bits are random (BR 7.1: at least 64), the
 * INTEGER is positive and minimal, and the length is always the same. 32 lower-case hexadecimal digits.
 */
export function drawSerial(randomBytes: (length: number) => Uint8Array): string {
  const octets = Buffer.from(randomBytes(16))
  if (octets.length !== 16) throw new Error('the source of randomness gave the wrong number of octets')
  octets[0] = 0x40 | ((octets[0] ?? 0) & 0x3f)
  return octets.toString('hex')
}

/** So many serial numbers are drawn at once: to ask for randomness costs more than all else about a serial number. */
const SERIALS_A_BLOCK = 64

/** Draws serial numbers as {@link drawSerial} does, each from octets of its own. */
export function createSerials(randomBytes: (length: number) => Uint8Array): () => string {
  let block: Uint8Array = new Uint8Array()
  let used = 0
  const take = (length: number): Uint8Array => {
    if (used + length > block.length) {
      block = randomBytes(length * SERIALS_A_BLOCK)
      used = 0
    }
    used += length
    return block.subarray(used - length, used)
  }
  return () => drawSerial(take)
}
