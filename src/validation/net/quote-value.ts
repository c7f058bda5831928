const longest = 100

/**
 * Makes a value from outside fit for messages and records: in quotation marks, at most 100 characters and `…`, quotation marks and
 * backslashes escaped, what is not printable ASCII as `\ddd` (RFC 1035 section 5.1) or, above 255, as `\u{…}`.
 */
export function quoteValue(value: string): string {
  const escaped = value.slice(0, longest).replace(/["\\]|[^ -~]/gu, escapeCharacter)
  return `"${escaped}${value.length > longest ? '…' : ''}"`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = character.codePointAt(0) ?? 0
  return code > 255 ? `\\u{${code.toString(16)}}` : `\\${String(code).padStart(3, '0')}`
}
