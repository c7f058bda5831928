const label = '_dnsauth'

/** The name a wildcard or plain identifier is proven by: `*.example.com` and `example.com` both give `example.com`, in lower case. */
export function authorizationName(identifier: string): string {
  return identifier.replace(/^\*\./, '').toLowerCase()
}

/** Full name of the TXT record that proves an identifier: `_dnsauth.example.com`, also for `*.example.com` (BR 3.2.2.4.7). */
export function dnsRecordName(identifier: string): string {
  return `${label}.${authorizationName(identifier)}`
}

/** Full name of the TXT record that a dns-01 challenge asks for, e.g. `_acme-challenge.example.com` (RFC 8555 section 8.4). */
export function challengeRecordName(name: string): string {
  return `_acme-challenge.${authorizationName(name)}`
}

/**
 * The name of {@link dnsRecordName} as a host label relative to the zone, as DNS consoles ask for it: `_dnsauth.www` for `www.example.com` in `example.com`,
 * `_dnsauth` for the domain itself. Throws an Error when the identifier is not inside the domain.
 */
export function dnsHostLabel(identifier: string, registrableDomain: string): string {
  const name = authorizationName(identifier)
  const domain = registrableDomain.toLowerCase()
  if (name === domain) return label
  if (!name.endsWith(`.${domain}`)) throw new Error(`${name} is not inside ${domain}.`)
  return `${label}.${name.slice(0, -domain.length - 1)}`
}
