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
