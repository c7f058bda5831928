/**
 * Why a text cannot be the dNSName of a certificate, or undefined. Lower-case LDH labels or A-labels, `*` only as the whole
 * leftmost label, at most 63 octets a label and 253 in all, no trailing dot, no underscore, not an IPv4 address
 * (RFC 5280 section 4.2.1.6, BR 7.1.2.7.12). Whether the name is public or proven is not judged here.
 */
export function findDnsNameFault(name: string): string | undefined {
  if (name.length === 0 || name.length > 253) return 'it must have 1 to 253 characters'
  const wildcard = name.startsWith('*.')
  const labels = (wildcard ? name.slice(2) : name).split('.')
  for (const label of labels) {
    const fault = findLabelFault(label)
    if (fault !== undefined) return fault
  }
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return 'its last label has only digits, as an IP address has'
  return undefined
}

function findLabelFault(label: string): string | undefined {
  if (label.length === 0) return 'it has an empty label'
  if (label.length > 63) return 'it has a label of more than 63 characters'
  if (!/^[a-z0-9-]+$/.test(label)) return 'it has characters other than a to z, 0 to 9 and hyphen'
  if (label.startsWith('-') || label.endsWith('-')) return 'it has a label that begins or ends with a hyphen'
  if (label.slice(2, 4) === '--' && !/^xn--./.test(label)) return 'it has a reserved label that is not an A-label'
  return undefined
}

/** Throws a plain Error unless the text can be a dNSName; see {@link findDnsNameFault}. */
export function assertDnsName(name: string): void {
  const fault = findDnsNameFault(name)
  if (fault !== undefined) throw new Error(`unfit as a dNSName: ${JSON.stringify(name)}: ${fault}`)
}
