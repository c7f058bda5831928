/**
 * Whether keys of an issuer may be fetched.
 *
 * @param allowed issuer URLs (`https://…`), which allow themselves alone, and hosts (`name` or `name:port`), which allow every issuer on them
 */
export function isAllowedIssuer(issuer: string, allowed: readonly string[]): boolean {
  const url = URL.parse(issuer)
  if (url === null || url.protocol !== 'https:') return false
  return allowed.some((entry) => (isUrl(entry) ? trimSlash(entry) === trimSlash(issuer) : entry.toLowerCase() === url.host))
}

/** Whether the keys themselves may be at a URL: on an allowed host, or on that of an allowed issuer. */
export function isAllowedHost(url: URL, allowed: readonly string[]): boolean {
  if (url.protocol !== 'https:') return false
  return allowed.some((entry) => (isUrl(entry) ? URL.parse(entry)?.host : entry.toLowerCase()) === url.host)
}

function isUrl(entry: string): boolean {
  return entry.startsWith('https://')
}

function trimSlash(url: string): string {
  return url.replace(/\/$/, '')
}
