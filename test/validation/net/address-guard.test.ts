import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import { describe, it } from 'node:test'
import { createAddressGuard, isLoopback } from '../../../src/validation/net/address-guard.ts'

function networks(cidrs: readonly string[]) {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return { contains: (address: string) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') }
}

describe('the address guard', () => {
  it('refuses special-use addresses of both families (RFC 6890)', () => {
    const guard = createAddressGuard(networks([]))
    const special = `0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.170 192.0.2.1
      192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
      :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:20::1 2002:7f00:1::1
      3fff::1 5f00::1 fc00::1 fd00::1 fe80::1 fe80::1%lo fec0::1 ff02::1`
    for (const address of special.split(/\s+/)) assert.equal(guard.allows(address), false, address)
  })

  it('lets public addresses through', () => {
    const guard = createAddressGuard(networks([]))
    for (const address of [
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '172.15.0.1',
      '172.32.0.1',
      '223.255.255.255',
      '2606:4700::1111',
      '2a00::1',
    ]) {
      assert.equal(guard.allows(address), true, address)
    }
  })

  it('lets configured networks through and nothing beside them', () => {
    const guard = createAddressGuard(networks(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1/32']))
    for (const address of ['10.1.2.3', 'fd00:1::9', '127.0.0.1']) assert.equal(guard.allows(address), true, address)
    for (const address of ['10.2.0.1', 'fd00:2::9', '127.0.0.2', '::1']) assert.equal(guard.allows(address), false, address)
  })

  it('refuses what is no address', () => {
    const guard = createAddressGuard({ contains: () => true })
    for (const address of ['', 'localhost', '127.1', '0x7f.1', '1.2.3.4.5', '[::1]']) assert.equal(guard.allows(address), false, address)
  })

  it('knows loopback, whose AD bit alone is believed', () => {
    for (const address of ['127.0.0.1', '127.0.0.53', '::1']) assert.equal(isLoopback(address), true, address)
    for (const address of ['128.0.0.1', '10.0.0.1', '::2', 'fe80::1%eth0', '2606:4700::1111'])
      assert.equal(isLoopback(address), false, address)
  })
})
