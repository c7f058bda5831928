/** 16 digits, below 2^53. */
export function drawAccountId(randomBytes: (length: number) => Uint8Array): number {
  const octets = randomBytes(8)
  const random = Buffer.from(octets.buffer, octets.byteOffset, 8).readBigUInt64BE()
  return Number(1_000_000_000_000_000n + (random % 8_000_000_000_000_000n))
}
