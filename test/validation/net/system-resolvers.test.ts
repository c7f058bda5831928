import assert from 'node:assert/strict'
import { it } from 'node:test'
import { listSystemResolvers } from '../../../src/validation/net/system-resolvers.ts'

it('the resolvers of the system are read in every spelling of node:dns', () => {
  assert.deepEqual(listSystemResolvers(['127.0.0.53', '127.0.0.1:5353', '::1', '[::1]:5353', 'fe80::1%eth0', '[fe80::1%eth0]:54']), [
    { address: '127.0.0.53', port: 53 },
    { address: '127.0.0.1', port: 5353 },
    { address: '::1', port: 53 },
    { address: '::1', port: 5353 },
    { address: 'fe80::1%eth0', port: 53 },
    { address: 'fe80::1%eth0', port: 54 },
  ])
})
