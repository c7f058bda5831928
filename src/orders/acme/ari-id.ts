/** What names a certificate in renewal information (RFC 9773 section 4.1). */
export interface AriId {
  /** The keyIdentifier of the authorityKeyIdentifier. */
  readonly keyIdentifier: Uint8Array
  /** Lower-case hexadecimal, without leading zero octets. */
  readonly serial: string
}

/** `base64url(AKI keyIdentifier) "." base64url(serial)`; the serial as in DER, with a zero octet in front where its first bit is set. */
export function formatAriId({ keyIdentifier, serial }: AriId): string {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`
  const der = Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even
  return `${Buffer.from(keyIdentifier).toString('base64url')}.${Buffer.from(der, 'hex').toString('base64url')}`
}

/** Reads an identifier; undefined for what is none. */
export function parseAriId(text: string): AriId | undefined {
  const match = /^([A-Za-z0-9_-]{1,128})\.([A-Za-z0-9_-]{1,40})$/.exec(text)
  if (match === null) return undefined
  const [keyIdentifier, der] = [match[1] ?? '', match[2] ?? ''].map((part) => Buffer.from(part, 'base64url'))
  if (keyIdentifier === undefined || der === undefined || der.length === 0 || (der[0] ?? 0) >= 0x80) return undefined
  const serial = der.toString('hex').replace(/^(?:00)+/, '')
  // One spelling alone names a certificate: no padding bits, no needless zero octets.
  const id = { keyIdentifier, serial: serial === '' ? '00' : serial }
  return formatAriId(id) === text ? id : undefined
}
