import { DerError } from './der-error.ts'

/** One block of a PEM text: its label, e.g. `CERTIFICATE`, and its octets. */
export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
}

/** One PEM block: 64 columns, LF, the last line ended too, no blanks (RFC 7468 section 2). */
export function encodePem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')
  let lines = ''
  for (let start = 0; start < base64.length; start += 64) lines += `${base64.slice(start, start + 64)}\n`
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`
}

/**
 * All blocks of a PEM text, in order. Forgives what people paste: CRLF, blanks around lines, any line length, text
 * between blocks. Headers inside a block (RFC 1421) are refused. Throws DerError, also if there is no block.
 */
export function decodePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let label: string | undefined
  let body: string[] = []
  for (const line of text.split(/\r\n|\n|\r/).map((raw) => raw.trim())) {
    const begins = readBoundary(line, 'BEGIN')
    if (label === undefined) {
      label = begins
      body = []
    } else if (readBoundary(line, 'END') === label) {
      blocks.push({ label, der: decodeBase64(body.join('')) })
      label = undefined
    } else {
      body.push(line)
    }
  }
  if (label !== undefined) throw new DerError(`PEM block ${JSON.stringify(label)} has no end`)
  if (blocks.length === 0) throw new DerError('no PEM block')
  return blocks
}

/** The octets of the only block, which must have this label. Throws DerError. */
export function decodeOnlyPem(text: string, label: string): Uint8Array {
  const [block, ...others] = decodePem(text)
  if (block === undefined || others.length > 0 || block.label !== label) throw new DerError(`not one PEM block ${label}`)
  return block.der
}

function readBoundary(line: string, word: 'BEGIN' | 'END'): string | undefined {
  const start = `-----${word} `
  if (!line.startsWith(start) || !line.endsWith('-----') || line.length < start.length + 6) return undefined
  return line.slice(start.length, -5)
}

function decodeBase64(text: string): Uint8Array {
  const octets = Buffer.from(text, 'base64')
  // Buffer skips what is not Base64 and forgives missing padding and stray bits; the way back shows it.
  if (octets.length === 0 || octets.toString('base64') !== text) throw new DerError('not Base64')
  // Of its own: a part of Node's pool would pass to the writer with all of the pool.
  return new Uint8Array(octets)
}
