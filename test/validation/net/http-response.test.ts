import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ResponseOutcome, createResponseReader } from '../../../src/validation/net/http-response.ts'

const crlf = (text: string): string => text.replaceAll('\n', '\r\n')

/** Feeds a reader with parts of a response, closes after the last, and shows the outcome as plain data. */
function read(parts: readonly Buffer[], largestBody = 100) {
  const reader = createResponseReader(largestBody)
  for (const part of parts) {
    const outcome = reader.push(part)
    if (outcome !== undefined) return show(outcome)
  }
  return { ...show(reader.end()), byClosing: true }
}

function show(outcome: ResponseOutcome) {
  if (outcome.kind === 'malformed') return outcome
  const { body, ...head } = outcome
  return { ...head, ...(body !== undefined && { body: body.toString('latin1') }) }
}

const response = (status: number, body?: string, location?: string) => ({
  kind: 'response',
  status,
  ...(location !== undefined && { location }),
  ...(body !== undefined && { body }),
})
const closed = (outcome: object) => ({ ...outcome, byClosing: true })
const malformed = (detail: string) => ({ kind: 'malformed', detail })

const big = 'x'.repeat(101)
const corpus: readonly [text: string, outcome: object][] = [
  ['HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', response(200, 'hello')],
  ['HTTP/1.1 200 OK\nContent-Length: 5\n\nhello and more', response(200, 'hello')],
  ['HTTP/1.1 200\nContent-Length: 0\n\n', response(200, '')],
  ['HTTP/1.0 404 Not Found\n\nno page', closed(response(404, 'no page'))],
  ['HTTP/1.1 200 OK\ncontent-LENGTH:5\nContent-Length: 5\n\nhello', response(200, 'hello')],
  ['HTTP/1.1 204 No Content\nContent-Length: 5\n\nhello', response(204, '')],
  ['HTTP/1.1 304 Not Modified\n\n', response(304, '')],
  ['HTTP/1.1 302 Found\nLocation: \t/there \nLocation: /elsewhere\nContent-Length: 0\n\n', response(302, '', '/there')],
  ['HTTP/1.1 103 Early Hints\nLink: </x>\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 1\n\nx', response(200, 'x')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n5;a="b"\nhello\n1\n,\n00\nTrailer: x\n\n', response(200, 'hello,')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n\n', response(200, '')],
  ['HTTP/1.1 200 OK\nContent-Length: 100\n\n' + 'x'.repeat(100), response(200, 'x'.repeat(100))],
  [`HTTP/1.1 200 OK\nContent-Length: 101\n\n${big}`, response(200)],
  [`HTTP/1.1 200 OK\n\n${big}`, response(200)],
  [`HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n65\n${big}\n0\n\n`, response(200)],
  ['', closed(malformed('the server closed the connection without an answer'))],
  ['HTTP/1.1 200 OK\nX: y\n', closed(malformed('the headers end too early'))],
  ['HTTP/1.1 200 OK\nContent-Length: 5\n\nhell', closed(malformed('the body ends too early'))],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhell', closed(malformed('the body ends too early'))],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello+', closed(malformed('the body ends too early'))],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello++\n', malformed('a chunk longer than its size')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-5\nhello\n', malformed('a chunk without a size')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5 5\nhello\n', malformed('a chunk without a size')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n111111111\n', malformed('a chunk without a size')],
  [`HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n${'1'.repeat(1100)}`, malformed('a chunk without a size')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n', malformed('an unknown framing')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 5\n\n', malformed('an unknown framing')],
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n', malformed('two transfer codings')],
  ['HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6\n\n', malformed('two lengths')],
  ['HTTP/1.1 200 OK\nContent-Length: +5\n\nhello', malformed('a malformed length')],
  ['HTTP/1.1 200 OK\nContent-Length: 5, 5\n\nhello', malformed('a malformed length')],
  ['HTTP/1.1 200 OK\nContent-Length: 9999999999999999\n\n', malformed('a malformed length')],
  ['HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n', malformed('the server switched protocols')],
  ['HTTP/2 200\n\n', malformed('no HTTP/1.1 status line')],
  ['HTTP/1.1 20 OK\n\n', malformed('no HTTP/1.1 status line')],
  ['HTTP/1.1 099 OK\n\n', malformed('no HTTP/1.1 status line')],
  ['SSH-2.0-OpenSSH\n\n', malformed('no HTTP/1.1 status line')],
  ['HTTP/1.1 200 OK\n folded: x\n\n', malformed('a malformed header')],
  ['HTTP/1.1 200 OK\nspace : x\n\n', malformed('a malformed header')],
  ['HTTP/1.1 200 OK\nno colon\n\n', malformed('a malformed header')],
  ['HTTP/1.1 200 OK\nX: a\0b\n\n', malformed('a malformed header')],
  [`HTTP/1.1 200 OK\nX: ${'x'.repeat(16_400)}`, malformed('headers of more than 16 KiB')],
  [`HTTP/1.1 103 Hints\nX: ${'x'.repeat(1000)}\n\n`.repeat(17), malformed('headers of more than 16 KiB')],
]

describe('the reader of HTTP responses', () => {
  it('reads what RFC 9112 allows and refuses the rest', () => {
    for (const [text, outcome] of corpus) assert.deepEqual(read([Buffer.from(crlf(text), 'latin1')]), outcome, text.slice(0, 100))
  })

  it('does not take a bare line feed for the end of a line', () => {
    assert.deepEqual(read([Buffer.from('HTTP/1.1 200 OK\nContent-Length: 0\n\n')]), closed(malformed('the headers end too early')))
    assert.deepEqual(read([Buffer.from('HTTP/1.1 200 OK\r\nX: a\nContent-Length: 0\r\n\r\n')]), malformed('a malformed header'))
  })

  it('comes to the same wherever the octets are cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.array(fc.nat(2_000), { maxLength: 8 }), ([text, outcome], cuts) => {
        const octets = Buffer.from(crlf(text), 'latin1')
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, octets.length)), octets.length])].sort((a, b) => a - b)
        const parts = places.slice(1).map((end, index) => octets.subarray(places[index], end))
        assert.deepEqual(read(parts), outcome)
      }),
      { numRuns: 1_000 },
    )
    for (const [text, outcome] of corpus.filter(([given]) => given.length < 1_000)) {
      const octets = Buffer.from(crlf(text), 'latin1')
      assert.deepEqual(read(Array.from(octets, (_, index) => octets.subarray(index, index + 1))), outcome, text)
    }
  })

  it('takes no longer for a header with very many blanks', () => {
    const started = process.cpuUsage()
    for (const name of ['X', 'Location']) {
      const head = Buffer.from(`HTTP/1.1 200 OK\r\n${name}: a${' '.repeat(16_000)}b\r\nContent-Length: 0\r\n\r\n`)
      for (let i = 0; i < 20; i += 1) assert.equal(read([head]).kind, 'response')
    }
    // With a pattern that looks for the end of the value from each blank, it is several seconds.
    assert.ok(process.cpuUsage(started).user < 1_000_000)
  })

  it('survives any octets', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.nat(300), fc.uint8Array({ maxLength: 20 }), ([text], at, spoilt) => {
        const octets = Buffer.from(crlf(text), 'latin1')
        const changed = Buffer.concat([octets.subarray(0, at), spoilt, octets.subarray(at + spoilt.length)])
        assert.ok(['response', 'malformed'].includes(read([changed]).kind))
      }),
      { numRuns: 2_000 },
    )
  })
})
