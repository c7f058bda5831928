import { hash } from 'node:crypto'
import { isIP } from 'node:net'
import { parseIpAddress } from '../x509/ip-address.ts'
import { findAlpnCertificateFault } from './alpn-certificate.ts'
import { askHost } from './net/ask-host.ts'
import type { HostFailure, HostServices } from './net/ask-host.ts'
import { startDeadline } from './net/deadline.ts'
import type { StopSignal } from './net/deadline.ts'
import type { DnsExchange } from './net/dns-client.ts'
import { quoteValue } from './net/quote-value.ts'
import { reverseName } from './net/reverse-name.ts'
import { shakeHands } from './net/tls-handshake.ts'
import type { Handshake } from './net/tls-handshake.ts'
import type { HandshakeExchange, ProofAttempt, ProofFailure } from './proof.ts'

/** `timeoutMs` is for all of one check: look-ups and handshakes. */
export interface TlsAlpnServices extends HostServices {
  /** 443 (RFC 8737 section 3), another one for tests. */
  readonly port: number
}

export interface TlsAlpn01Proof {
  /** A-label name or literal address in its canonical form, an IPv6 one without brackets; a wildcard cannot be proven so. */
  readonly name: string
  readonly keyAuthorization: string
}

const protocol = 'acme-tls/1'

type Verdict = Omit<ProofAttempt, 'evidence'>

/**
 * Shakes hands with the host for the protocol `acme-tls/1` alone and looks for the digest of the key authorization in the certificate it shows
 * (RFC 8737 section 3, BR 3.2.2.4.20; RFC 8738 section 6 for addresses).
 * Rejects with the signal's reason when it aborts; everything the network does is an outcome, not an error.
 */
export async function checkTlsAlpn01(services: TlsAlpnServices, proof: TlsAlpn01Proof, signal: StopSignal): Promise<ProofAttempt> {
  const queries: DnsExchange[] = []
  const handshakes: HandshakeExchange[] = []
  const serverName = nameServer(proof.name)
  using deadline = startDeadline(services.timeoutMs, signal)
  const asked = `Asked ${quoteValue(proof.name)} for ${protocol}`
  const evidence = { method: 'tls-alpn-01', queries, handshakes } as const
  try {
    const outcome = await askHost<Handshake>(services, {
      host: proof.name,
      signal: deadline.signal,
      queries,
      addresses: new Map(),
      ask: (address, inTime) => shakeHands({ address, port: services.port, serverName, protocol }, inTime),
      note: (address, ms, seen) => handshakes.push({ address, serverName, ms, ...describeHandshake(seen) }),
    })
    signal.throwIfAborted()
    return { ...judge(outcome, { asked, address: handshakes.at(-1)?.address ?? '', proof }), evidence }
  } catch (error) {
    if (signal.aborted || !deadline.isOver()) throw error
    return { ...fail('timeout', `${asked}: no complete answer within ${services.timeoutMs} ms.`), evidence }
  }
}

function nameServer(name: string): string {
  if (isIP(name) === 0) return name
  const octets = parseIpAddress(name)
  // In another spelling it would be looked for as a dNSName.
  if (octets === undefined) throw new Error(`${name} is not the canonical form of an address.`)
  return reverseName(octets)
}

function describeHandshake(seen: Handshake | HostFailure): Partial<HandshakeExchange> {
  if (seen.kind === 'failure') return { error: seen.failure, detail: seen.detail }
  const { version, protocol: chosen, certificateDer } = seen
  return {
    version,
    ...(chosen !== undefined && { protocol: quoteValue(chosen) }),
    ...(certificateDer !== undefined && { certificateSha256: hash('sha256', certificateDer) }),
  }
}

function judge(
  outcome: Handshake | HostFailure,
  { asked, address, proof }: { asked: string; address: string; proof: TlsAlpn01Proof },
): Verdict {
  if (outcome.kind === 'failure') {
    return { ...fail(outcome.failure, `${asked}: ${outcome.detail}.`), ...(outcome.lookUp && { lookUpFailed: true }) }
  }
  const { protocol: chosen, certificateDer } = outcome
  if (chosen !== protocol) return fail('tls', `${asked}: ${address} did not choose that protocol.`)
  if (certificateDer === undefined) return fail('tls', `${asked}: ${address} showed no certificate.`)
  const digest = hash('sha256', proof.keyAuthorization, 'buffer')
  const fault = findAlpnCertificateFault(certificateDer, { name: proof.name, digest })
  if (fault === undefined) return { proven: true, message: `${asked}: ${address} showed the expected certificate.` }
  return fail('wrongValue', `${asked}: the certificate that ${address} showed ${fault}.`)
}

function fail(failure: ProofFailure, message: string): Verdict {
  return { proven: false, failure, message }
}
