import { getServers } from 'node:dns'
import { isIPv6 } from 'node:net'
import type { Resolver } from './dns-transport.ts'

/**
 * The resolvers of the system's configuration (`/etc/resolv.conf` and its like), in its order. `servers` are entries as
 * `dns.getServers()` spells them: a bare address, `address:port`, or `[address]:port`.
 */
export function listSystemResolvers(servers: readonly string[] = getServers()): Resolver[] {
  return servers.flatMap((server) => {
    if (isIPv6(server)) return [{ address: server, port: 53 }]
    const [, bracketed, bare, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(server) ?? []
    const address = bracketed ?? bare
    return address === undefined ? [] : [{ address, port: Number(port) }]
  })
}
