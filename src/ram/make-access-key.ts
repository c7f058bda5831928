const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new access key in the original's shape: `LTAI` and 20 characters, and a secret of 30 (178 bits). */
export function makeAccessKey(randomBytes: (length: number) => Uint8Array): { accessKeyId: string; secret: string } {
  return { accessKeyId: `LTAI${randomText(20, randomBytes)}`, secret: randomText(30, randomBytes) }
}

/** A new temporary key in the original's shape: `STS.` and 25 characters, and a secret of 44. */
export function makeTemporaryKey(randomBytes: (length: number) => Uint8Array): { accessKeyId: string; secret: string } {
  return { accessKeyId: `STS.${randomText(25, randomBytes)}`, secret: randomText(44, randomBytes) }
}

/** Random letters and digits, 5.95 bits each. */
export function randomText(length: number, randomBytes: (length: number) => Uint8Array): string {
  let text = ''
  while (text.length < length) {
    for (const octet of randomBytes(length)) {
      // Octets from 248 on would make the first characters likelier.
      if (octet < 248 && text.length < length) text += LETTERS_AND_DIGITS.charAt(octet % 62)
    }
  }
  return text
}
