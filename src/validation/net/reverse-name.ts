/** The name of an address in the reverse tree, without the final dot: `1.2.0.192.in-addr.arpa`, or 32 nibbles and `ip6.arpa` (RFC 8738 section 6). */
export function reverseName(octets: Uint8Array): string {
  if (octets.length === 4) return `${octets.toReversed().join('.')}.in-addr.arpa`
  const nibbles = [...octets].flatMap((octet) => [octet >> 4, octet & 0xf])
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`
}
