/** What validation needs of the status line and the headers of a response to a GET. */
export interface Head {
  readonly status: number
  readonly location?: string
  readonly framing: { readonly kind: 'length'; readonly octets: number } | { readonly kind: 'chunked' } | { readonly kind: 'close' }
}

const statusLine = /^HTTP\/1\.[01] ([1-9][0-9]{2})(?: [^\r\n]*)?$/
/** Header lines, each after the end of the line before it. Blanks around values are left to a loop: a pattern can take very long over many of them. */
const headerLines = /^(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\0\r\n]*)*$/

/** A status line with headers, without the empty line; or in words what is wrong with it. */
export function parseHead(text: string): Head | string {
  const firstEnd = endOfLine(text, 0)
  const [, code] = statusLine.exec(text.slice(0, firstEnd)) ?? []
  if (code === undefined) return 'no HTTP/1.1 status line'
  if (!headerLines.test(text.slice(firstEnd))) return 'a malformed header'
  let location: string | undefined
  let length: string | undefined
  let coding: string | undefined
  let end = firstEnd
  while (end < text.length) {
    const start = end + 2
    end = endOfLine(text, start)
    const colon = text.indexOf(':', start)
    switch (text.slice(start, colon).toLowerCase()) {
      case 'location':
        location ??= trimBlanks(text, colon + 1, end)
        break
      case 'content-length': {
        const value = trimBlanks(text, colon + 1, end)
        if (length !== undefined && length !== value) return 'two lengths'
        length = value
        break
      }
      case 'transfer-encoding':
        if (coding !== undefined) return 'two transfer codings'
        coding = trimBlanks(text, colon + 1, end).toLowerCase()
        break
      default:
    }
  }
  const status = Number(code)
  const framing = readFraming(status, length, coding)
  return typeof framing === 'string' ? framing : { status, framing, ...(location !== undefined && { location }) }
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\r\n', start)
  return end === -1 ? text.length : end
}

/** Without the spaces and tabs around it. */
function trimBlanks(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function readFraming(status: number, length: string | undefined, coding: string | undefined): Head['framing'] | string {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', octets: 0 }
  if (coding !== undefined) return coding !== 'chunked' || length !== undefined ? 'an unknown framing' : { kind: 'chunked' }
  if (length === undefined) return { kind: 'close' }
  return /^[0-9]{1,15}$/.test(length) ? { kind: 'length', octets: Number(length) } : 'a malformed length'
}
