import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseAcs3Authorization, verifyAcs3 } from '../../src/gateway/acs3.ts'
import { decodeParameters } from '../../src/gateway/parameters.ts'
import { verifyRpcV1 } from '../../src/gateway/rpc-v1.ts'
import { Problem } from '../../src/problem.ts'
import type { WireRequest } from './load-vectors.ts'
import { signAcs3, signRpcV1 } from './sign-request.ts'

const awkward = fc.string({ unit: fc.constantFrom(...` +%&=~*!'()"\n/?#;:,.a`.split('')) })
const text = fc.oneof(awkward, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
const parameters = fc.dictionary(
  text.filter((name) => name !== '' && name !== 'Signature' && name !== '__proto__'),
  text,
)
const place = fc.constantFrom('query' as const, 'form' as const)
const method = fc.constantFrom('GET', 'POST')

describe('a signature of an independent signer', () => {
  it('fits whatever the parameters are: RPC V1', () => {
    fc.assert(
      fc.property(parameters, place, method, (values, place, method) => {
        const call = read(signRpcV1('A', values, { place, method, secret: 's' }))
        const signature = call.parameters.get('Signature') ?? ''
        verifyRpcV1(call, 's', signature)
        assert.throws(() => verifyRpcV1({ ...call, query: [...call.query, ['Added', '']] }, 's', signature), Problem)
      }),
    )
  })

  it('fits whatever the parameters are: ACS3', () => {
    fc.assert(
      fc.property(parameters, place, method, (values, place, method) => {
        const call = read(signAcs3('A', values, { place, method, secret: 's' }))
        const authorization = parseAcs3Authorization(call.headers.get('authorization') ?? '')
        verifyAcs3(call, 's', authorization)
        assert.throws(() => verifyAcs3({ ...call, body: Buffer.from('.') }, 's', authorization), Problem)
        assert.throws(() => verifyAcs3({ ...call, path: '/x' }, 's', authorization), Problem)
      }),
    )
  })

  it('covers every occurrence of a repeated name, in the order sent: RPC V1', () => {
    const sign = (query: readonly (readonly [string, string])[]) => {
      try {
        verifyRpcV1({ method: 'GET', query, form: [] }, 's', '')
      } catch (error) {
        return String(error)
      }
      return assert.fail('an empty signature fits')
    }
    assert.match(
      sign([
        ['B', '2'],
        ['A', '1'],
        ['B', '1'],
      ]),
      /A%3D1%26B%3D2%26B%3D1$/,
    )
  })
})

function read(wire: WireRequest) {
  const body = Buffer.from(wire.bodyBase64, 'base64')
  const headers = new Map(wire.headers.map(([name, value]) => [name.toLowerCase(), value]))
  const query = decodeParameters(wire.target.slice(2))
  const form = decodeParameters(body.toString('latin1'))
  return { method: wire.method, path: '/', headers, query, form, body, parameters: new Map([...query, ...form]) }
}
