import { BlockList, isIP } from 'node:net'

/** Decides which addresses validation may contact. */
export interface AddressGuard {
  /** False for special-use addresses (IANA registries of RFC 6890) outside the allowed networks, and for what is no address. */
  allows(address: string): boolean
}

/** Networks that the operator opened to validation: `Settings.validationAllowCidrs`. */
export interface AllowedNetworks {
  contains(address: string): boolean
}

/** Builds a guard that lets through public unicast addresses and the allowed networks. */
export function createAddressGuard(allowed: AllowedNetworks): AddressGuard {
  return {
    allows(address) {
      if (isIP(address) === 0 || address.includes('%')) return false
      if (allowed.contains(address)) return true
      const family = familyOf(address)
      if (family === 'ipv6' && !globalUnicast.check(address, family)) return false
      return !specialUse.check(address, family)
    },
  }
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, familyOf(address))
}

/** For literal addresses. */
function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

function listNetworks(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

const loopback = listNetworks(['127.0.0.0/8', '::1/128'])

/** All that IANA has given out for IPv6 unicast; with it mapped, translated, local and multicast addresses fall outside at once. */
const globalUnicast = listNetworks(['2000::/3'])

/** IANA special-purpose registries, as of RFC 9637 and RFC 9602, and multicast and reserved space. */
const specialUse = listNetworks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
])
