import { randomUUID } from 'node:crypto'
import { ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem } from '../problem.ts'
import type { ProblemName } from '../problem.ts'
import { renderProblem } from './reply.ts'

/**
 * Answers what node:http could not read (its `clientError` event) in the form that clients parse, and ends the connection.
 *
 * @param error carries node's `code`
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex, randomUuid: () => string = randomUUID): void {
  if (!socket.writable || error.code === 'ECONNRESET' || hasResponseUnderWay(socket)) {
    socket.destroy()
    return
  }
  const requestId = randomUuid().toUpperCase()
  const reply = renderProblem(new Problem(problemNames[error.code ?? ''] ?? 'malformedHttp'), {
    requestId,
    host: undefined,
    format: 'JSON',
  })
  socket.end(
    `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n` +
      'Content-Type: application/json;charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(reply.body)}\r\n` +
      `x-acs-request-id: ${requestId}\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\n\r\n${reply.body}`,
  )
  // A client that goes on sending must not hold the connection; unread input may not swallow the answer either.
  socket.resume()
  socket.once('finish', () => setTimeout(() => socket.destroy(), 1000).unref())
}

const problemNames: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'requestHeaderTooLarge',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'requestTooLarge',
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
}

/** Says whether our text would end up inside an answer, or be taken for the answer of an earlier request of the same connection. */
function hasResponseUnderWay(socket: Duplex): boolean {
  // node:http keeps the response under way there and looks at it before its own answer.
  const response = '_httpMessage' in socket ? socket._httpMessage : undefined
  return response instanceof ServerResponse && (response.headersSent || response.req.complete)
}
