/**
 * Writes a reply as XML, as `Format=XML` asks: one element per field, a list as its element repeated, nothing for an absent value.
 *
 * @param root name of the root element
 * @param cdata fields of the top level whose text is written as CDATA
 */
export function writeXml(root: string, fields: Readonly<Record<string, unknown>>, cdata: readonly string[] = []): string {
  let text = `<?xml version='1.0' encoding='UTF-8'?><${root}>`
  for (const [name, value] of Object.entries(fields)) {
    text += cdata.includes(name) && typeof value === 'string' ? writeCdata(name, value) : writeElement(name, value)
  }
  return `${text}</${root}>`
}

function writeElement(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map((item: unknown) => writeElement(name, item)).join('')
  const tag = elementName.test(name) ? name : 'Entry'
  const start = tag === name ? tag : `${tag} Name="${escapeXml(name)}"`
  return `<${start}>${writeContent(value)}</${tag}>`
}

const elementName = /^[A-Za-z_][\w.-]*$/

function writeContent(value: unknown): string {
  if (typeof value === 'string') return escapeXml(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) throw new TypeError('a reply holds data only')
  return Object.entries(value)
    .map(([name, child]: [string, unknown]) => writeElement(name, child))
    .join('')
}

function writeCdata(name: string, text: string): string {
  return `<${name}><![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>').replace(notXml, '\ufffd')}]]></${name}>`
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\r': '&#13;' }
// XML 1.0 section 2.2: no other character may occur, not even escaped.
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r]/g, (sign) => escapes[sign] ?? sign).replace(notXml, '\ufffd')
}
