import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { maxBodyBytes } from '../../src/gateway/http-limits.ts'
import { echoAction, serveGateway } from './serve-gateway.ts'
import { sendOctets, sendRequest } from './send-request.ts'
import { signAcs3, signRpcV1 } from './sign-request.ts'

const actions = [echoAction('A', '2020-04-07', ['X'])]
const head = 'Host: cas.example.test\r\nContent-Type: application/x-www-form-urlencoded\r\n'

describe('bodies', () => {
  it('come in chunks too', async (t) => {
    const { port } = await serveGateway(t, { actions })
    const request = signAcs3('A', { X: 'chunked' }, { place: 'form' })
    const { body } = await sendRequest(port, { ...request, headers: [...request.headers, ['Transfer-Encoding', 'chunked']] })
    assert.deepEqual(JSON.parse(body).Echo, { X: 'chunked' })
  })

  it('are read up to the limit, which is 10 MiB', async (t) => {
    assert.equal(maxBodyBytes, 10 * 1024 * 1024)
    const { port } = await serveGateway(t, { actions, bodyLimitBytes: 100_000 })
    const X = 'x'.repeat(100_000 - 2)
    const { body } = await sendRequest(port, signAcs3('A', { X }, { place: 'form' }))
    assert.equal(JSON.parse(body).Echo.X.length, X.length)
    assert.equal((await sendRequest(port, signAcs3('A', { X: `${X}x` }, { place: 'form' }))).status, 413)
  })

  it('over the limit are refused and the connection ends, whether the length is told or not', async (t) => {
    const { port } = await serveGateway(t, { actions, bodyLimitBytes: 1000 })
    const told = await sendOctets(port, `POST / HTTP/1.1\r\n${head}Content-Length: 1001\r\n\r\n${'x'.repeat(1001)}`)
    const huge = await sendOctets(port, `POST / HTTP/1.1\r\n${head}Content-Length: 99999999999\r\n\r\nx`)
    const chunked = await sendOctets(port, `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n5000\r\n${'x'.repeat(0x5000)}\r\n`)
    for (const answer of [told, huge, chunked]) {
      assert.match(answer, /^HTTP\/1\.1 413 /)
      assert.match(answer, /"Code":"RequestTooLarge"/)
      assert.match(answer, /\r\nConnection: close\r\n/)
    }
  })

  it('that end early leave nothing behind but a fact', async (t) => {
    const served = await serveGateway(t, { actions })
    const socket = connect(served.port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\nx`)
    await new Promise<void>((resolve) => served.server.once('request', () => resolve()))
    socket.destroy()
    for (let turn = 0; turn < 500 && served.facts.length === 0; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
    assert.deepEqual(
      served.facts.map(({ code, status }) => [code, status]),
      [['ClientGone', 0]],
    )
  })
})

describe('what is not HTTP', () => {
  it('is answered with the JSON that clients parse', async (t) => {
    const { port } = await serveGateway(t)
    const answer = await sendOctets(port, 'BREW / HTTP/1.1\r\n\r\n')
    const [lines, body] = answer.split('\r\n\r\n')
    assert.match(lines ?? '', /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json;charset=utf-8\r\n/)
    const fields = JSON.parse(body ?? '')
    assert.deepEqual(Object.keys(fields), ['RequestId', 'HostId', 'Code', 'Message', 'Recommend'])
    assert.equal(fields.Code, 'InvalidRequest')
    assert.ok(lines?.includes(`x-acs-request-id: ${fields.RequestId}`))
  })

  it('does not get into the answer of the request before it', async (t) => {
    const { port } = await serveGateway(t, { actions })
    const answer = await sendOctets(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\nBREW / HTTP/1.1\r\n\r\n')
    const codes = [...answer.matchAll(/"Code":"(\w+)"/g)].map(([, code]) => code)
    assert.ok(codes.length === 0 || codes[0] === 'MissingAction', answer)
  })
})

describe('request lines and headers', () => {
  it('of nearly 256 KiB are read', async (t) => {
    const { port } = await serveGateway(t, { actions })
    const X = 'x'.repeat(255 * 1024)
    const { status } = await sendRequest(port, signRpcV1('A', { X }))
    assert.equal(status, 200)
  })

  it('beyond are answered with 431 in JSON', async (t) => {
    const { port } = await serveGateway(t)
    const answer = await sendOctets(port, `GET /?${'x'.repeat(300 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n.*"Code":"RequestHeaderTooLarge"/s)
  })
})

describe('slow requests', () => {
  it('are told so while their body is awaited', async (t) => {
    const quick = { headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 10 }
    const { port } = await serveGateway(t, {}, quick)
    const answer = await sendOctets(port, `POST / HTTP/1.1\r\n${head}Content-Length: 9\r\n\r\nx`)
    assert.match(answer, /^HTTP\/1\.1 408 .*"Code":"RequestTimeout"/s)
  })

  it('are told so and cut off', async (t) => {
    const quick = { headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 10 }
    const { port } = await serveGateway(t, {}, quick)
    const answer = await sendOctets(port, 'GET / HTTP/1.1\r\nHost: a\r\n')
    assert.match(answer, /^HTTP\/1\.1 408 .*"Code":"RequestTimeout"/s)
  })
})
