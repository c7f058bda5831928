import { isIPv4 } from 'node:net'
import { readAddress } from '../policy/address.ts'

/** What one source of calls is counted by: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has as a whole. */
export function sourceKey(ip: string): string {
  if (isIPv4(ip)) return ip
  const address = readAddress(ip)
  if (address === undefined) return 'unknown'
  return address.family === 4 ? ip : `${(address.value >> 64n).toString(16)}::/64`
}
