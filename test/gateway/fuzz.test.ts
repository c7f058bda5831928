import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { echoAction, serveGateway } from './serve-gateway.ts'
import { sendOctets, sendRequest } from './send-request.ts'
import { signAcs3, signRpcV1 } from './sign-request.ts'

const actions = [echoAction('A', '2020-04-07', ['X', 'Tags'])]
const runs = { numRuns: 200 }
const piece = fc.constantFrom(
  'Action',
  'Tags',
  '1',
  '0',
  '.',
  '=',
  '&',
  '%',
  '+',
  '%00',
  '%E4',
  '__proto__',
  'Signature',
  'AccessKeyId',
  'testid',
  'Format',
  'XML',
  ';',
)
const target = fc.array(fc.oneof(piece, fc.string({ unit: fc.nat({ max: 0x5e }).map((n) => String.fromCharCode(0x21 + n)), maxLength: 4 })))

/** No input makes a 5xx or an answer that is not one of ours. */
function assertRefusedOrServed(answer: { status: number; body: string; headers: Record<string, unknown> }): void {
  assert.ok(answer.status >= 200 && answer.status < 500, `${answer.status} ${answer.body}`)
  assert.ok(answer.body.includes(String(answer.headers['x-acs-request-id'])))
}

describe('the gateway, given anything', () => {
  it('never fails on targets and forms', async (t) => {
    const { port } = await serveGateway(t, { actions })
    await fc.assert(
      fc.asyncProperty(target, fc.uint8Array(), async (pieces, body) => {
        const headers: [string, string][] = [
          ['Host', 'a'],
          ['Content-Type', 'application/x-www-form-urlencoded'],
        ]
        assertRefusedOrServed(
          await sendRequest(port, {
            method: 'POST',
            target: `/?${pieces.join('')}`,
            headers,
            bodyBase64: Buffer.from(body).toString('base64'),
          }),
        )
      }),
      runs,
    )
  })

  it('never fails on parameters of a call that is signed', async (t) => {
    const { port } = await serveGateway(t, { actions })
    const name = fc
      .array(fc.constantFrom('X', 'Tags', '1', '2', 'Key', '__proto__', '', 'Format', 'RegionId'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('.'))
    const parameters = fc.dictionary(fc.oneof(name, fc.string({ unit: 'binary' })), fc.string({ unit: 'grapheme' }))
    await fc.assert(
      fc.asyncProperty(parameters, fc.boolean(), async (values, useAcs3) => {
        assertRefusedOrServed(await sendRequest(port, (useAcs3 ? signAcs3 : signRpcV1)('A', values, { place: 'form' })))
      }),
      runs,
    )
  })

  it('never fails on Authorization headers', async (t) => {
    const { port } = await serveGateway(t, { actions })
    const part = fc.constantFrom(
      'ACS3-HMAC-SHA256',
      'ACS3-HMAC-SM3',
      'ACS3-',
      ' ',
      ',',
      '=',
      ';',
      'Credential=',
      'testid',
      'SignedHeaders=',
      'host',
      'x-acs-date',
      'Signature=',
      'acs testid:',
      'Bearer ',
      '__proto__',
    )
    const value = fc.array(
      fc.oneof(part, fc.string({ unit: fc.nat({ max: 0x5e }).map((n) => String.fromCharCode(0x20 + n)), maxLength: 4 })),
    )
    await fc.assert(
      fc.asyncProperty(value, async (parts) => {
        const { headers, ...rest } = signAcs3('A', {})
        const others = headers.filter(([name]) => name !== 'authorization')
        assertRefusedOrServed(await sendRequest(port, { ...rest, headers: [...others, ['authorization', parts.join('').trim()]] }))
      }),
      runs,
    )
  })

  it('survives octets that are no HTTP at all', async (t) => {
    const served = await serveGateway(t, { actions })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (octets) => {
        // The blank line ends what could have become a head.
        const answer = await sendOctets(served.port, Buffer.concat([octets, Buffer.from(' \r\n\r\n')])).catch(() => '')
        assert.ok(answer === '' || answer.startsWith('HTTP/1.1 4'), answer)
      }),
      { numRuns: 50 },
    )
    assert.equal((await sendRequest(served.port, signRpcV1('A', {}))).status, 200)
  })
})
