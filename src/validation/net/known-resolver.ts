import { SocketAddress, isIP, isIPv6 } from 'node:net'
import { isLoopback } from './address-guard.ts'
import type { Resolver } from './dns-transport.ts'

/** What is the same for all queries to a resolver. */
export interface KnownResolver extends Resolver {
  readonly isLoopback: boolean
  /** `address:port`, an IPv6 address in brackets. */
  readonly label: string
}

/** Throws an Error when the address is no literal one. */
export function knowResolver({ address, port }: Resolver): KnownResolver {
  const canonical = canonicalAddress(address)
  const label = isIPv6(canonical) ? `[${canonical}]:${port}` : `${canonical}:${port}`
  return { address: canonical, port, isLoopback: isLoopback(canonical), label }
}

function canonicalAddress(address: string): string {
  const family = isIP(address)
  if (family === 0) throw new Error(`The resolver ${address} is not a literal address.`)
  // An address with a zone (fe80::1%eth0) has no SocketAddress; the system spells it as it was given.
  if (family === 4 || address.includes('%')) return address
  return new SocketAddress({ address, family: 'ipv6' }).address
}
