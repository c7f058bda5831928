const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
const randomCharacters = 49
/** The largest multiple of 36 in an octet: octets from here on would favour the first letters, so they are thrown away. */
const unbiased = 252

/**
 * A fresh Random Value (BR 1.6.1: at least 112 bits; here 253) in the shape the original uses: 64 characters, an 8-digit UTC date,
 * seven zeros, then lower-case letters and digits.
 *
 * @param now milliseconds since the epoch
 */
export function makeValidationToken(now: number, randomBytes: (length: number) => Uint8Array): string {
  const date = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
  let random = ''
  while (random.length < randomCharacters) {
    for (const octet of randomBytes(randomCharacters)) if (octet < unbiased) random += alphabet.charAt(octet % alphabet.length)
  }
  return `${date}0000000${random.slice(0, randomCharacters)}`
}
