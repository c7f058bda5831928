/** What is larger is drawn by itself: serial numbers, tokens, nonces, salts and keys are not. */
const LARGEST = 32
const BLOCK_LENGTH = 4_096

/**
 * Draws small pieces from blocks: a call of the system's generator takes several times as much as the hash of what it gave. No octet is given
 * twice, and none that was given is kept.
 */
export function drawInBlocks(randomBytes: (length: number) => Uint8Array): (length: number) => Uint8Array {
  let block: Uint8Array = new Uint8Array()
  let offset = 0
  return (length) => {
    if (length > LARGEST) return randomBytes(length)
    if (offset + length > block.length) {
      block = randomBytes(BLOCK_LENGTH)
      offset = 0
    }
    const part = block.subarray(offset, offset + length)
    offset += length
    const drawn = new Uint8Array(part)
    part.fill(0)
    return drawn
  }
}
