import { connect, createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { StopSignal } from './deadline.ts'
import { readSocketError } from './socket-error.ts'
import type { SocketFailure } from './socket-error.ts'

export interface HandshakeTarget {
  /** A literal address: nothing is looked up here. */
  readonly address: string
  readonly port: number
  /** For SNI. */
  readonly serverName: string
  /** The one application protocol offered (RFC 7301). */
  readonly protocol: string
}

/** What a server showed of itself. */
export interface Handshake {
  readonly kind: 'reply'
  /** E.g. `TLSv1.3`. */
  readonly version: string
  /** The application protocol that the server chose, if any. */
  readonly protocol: string | undefined
  /** The server's own certificate, if it sent one. */
  readonly certificateDer: Uint8Array | undefined
}

/**
 * Shakes hands over TLS 1.2 or later and hangs up: no application data is sent or read, and the certificate is not verified.
 * OpenSSL refuses certificate messages of more than 100 KiB. Rejects with the signal's reason; the connection is closed in any case.
 */
export async function shakeHands(target: HandshakeTarget, signal: StopSignal): Promise<Handshake | SocketFailure> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const socket = connect({
    host: target.address,
    port: target.port,
    servername: target.serverName,
    ALPNProtocols: [target.protocol],
    rejectUnauthorized: false,
    secureContext: sharedContext(),
  })
  const abort = () => socket.destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    socket.on('secureConnect', () => resolve(undefined))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection before the handshake was complete')))
    await promise
    const seen: Handshake = {
      kind: 'reply',
      version: socket.getProtocol() ?? '',
      protocol: socket.alpnProtocol === false || socket.alpnProtocol === null ? undefined : socket.alpnProtocol,
      certificateDer: socket.getPeerX509Certificate()?.raw,
    }
    // The server is to see the end of the handshake and our farewell, not a broken connection.
    socket.destroySoon()
    return seen
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    return readSocketError(error)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

let context: SecureContext | undefined

/**
 * Without roots: nothing is verified by them. Without the post-quantum groups: they double the cost, split the first message over two packets,
 * and there is nothing here to keep secret. Made once, because a context costs more than a handshake.
 */
function sharedContext(): SecureContext {
  context ??= createSecureContext({ ca: [], minVersion: 'TLSv1.2', ecdhCurve: 'X25519:P-256:P-384:P-521' })
  return context
}
