import { decodePem, type PemBlock } from '../x509/pem.ts'

/**
 * The blocks of a PEM text as shells, forms and consoles hand it on: with line breaks as they should be, written as `\n`, turned into
 * blanks, or gone. A blank that was a `+` leaves Base64 or DER behind that does not add up, and is refused. Throws DerError.
 */
export function readPastedPem(text: string): PemBlock[] {
  return decodePem(restoreLines(text))
}

/** Whether a block is encrypted, in the form of PKCS #8 or of RFC 1421. */
export function holdsEncryptedPem(text: string): boolean {
  return /-----BEGIN ENCRYPTED |Proc-Type:\s*4,\s*ENCRYPTED/.test(text)
}

function restoreLines(text: string): string {
  return text
    .replaceAll(/\\r\\n|\\n|\\r/g, '\n')
    .replaceAll(/-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----/g, '\n$&\n')
    .split(/[\r\n]+/)
    .map((line) => (isBody(line) ? line.replaceAll(/[ \t]/g, '') : line))
    .join('\n')
}

/** Headers of RFC 1421 and boundaries keep their blanks, so that they stay what they are. */
function isBody(line: string): boolean {
  return !line.includes(':') && !line.includes('-----')
}
