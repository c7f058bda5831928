import { isIP } from 'node:net'
import { openCheckSlots } from './check-slots.ts'
import type { CheckLimits } from './check-slots.ts'
import { checkDns01 } from './dns-01.ts'
import { checkDnsTxt } from './dns-txt.ts'
import { checkHttp01 } from './http-01.ts'
import { checkHttpFile } from './http-file.ts'
import { createAddressGuard } from './net/address-guard.ts'
import type { AllowedNetworks } from './net/address-guard.ts'
import type { StopSignal } from './net/deadline.ts'
import type { DnsClient } from './net/dns-client.ts'
import type { GuardedHttp } from './net/guarded-http.ts'
import type { ProofAttempt, ProofFailure, ProofMethod } from './proof.ts'
import { authorizationName, dnsRecordName } from './record-name.ts'
import { checkTlsAlpn01 } from './tls-alpn-01.ts'
import type { TlsAlpnServices } from './tls-alpn-01.ts'

/** What an applicant claims to have put in place. */
export type DomainProof = TokenProof | ChallengeProof

/** A proof of the RPC door. */
export interface TokenProof {
  readonly method: 'DNS' | 'FILE'
  /** A-label name, possibly `*.example.com`. */
  readonly identifier: string
  readonly token: string
  readonly accountId: number
}

/** A challenge of the ACME door. */
export interface ChallengeProof {
  readonly method: 'http-01' | 'dns-01' | 'tls-alpn-01'
  /** A-label name without `*.`, or literal address in its canonical form, an IPv6 one without brackets (not for dns-01). */
  readonly identifier: string
  readonly token: string
  /** The token, a dot and the thumbprint of the account's key (RFC 8555 section 8.1). */
  readonly keyAuthorization: string
  readonly accountId: number
}

/** The port through which orders look at the real world. */
export interface DomainControl {
  /** How many checks run at the same time in this process; more are queued. */
  readonly maxConcurrent: number
  /**
   * Looks once, and tells what was seen. Waits its turn first when the process, the account or the target is at its limit.
   * Rejects with the signal's reason when that aborts; what goes wrong in the network is an attempt that proves nothing.
   */
  check(proof: DomainProof, signal: StopSignal): Promise<ProofAttempt>
}

export interface DomainControlOptions {
  readonly client: DnsClient
  readonly limits?: Partial<CheckLimits>
  /**
   * How FILE, http-01 and tls-alpn-01 connect: ports 80 and 443, no special-use networks and 10 s for each fetch or handshake, all look-ups
   * and redirects included, if not told otherwise.
   */
  readonly web?: {
    readonly httpPort?: number
    readonly httpsPort?: number
    readonly tlsAlpnPort?: number
    readonly allowed?: AllowedNetworks
    readonly timeoutMs?: number
  }
}

/** The usual limits of concurrent checks. */
export const checkLimits: CheckLimits = { perProcess: 256, perAccount: 32, perTarget: 4 }

/** Opens domain control on real networks. It holds no connection while no check runs. */
export function openDomainControl(options: DomainControlOptions): DomainControl {
  const limits = { ...checkLimits, ...options.limits }
  const slots = openCheckSlots(limits)
  const services = { client: options.client, ...configureWeb(options) }
  return {
    maxConcurrent: limits.perProcess,
    async check(proof, signal) {
      const name = authorizationName(proof.identifier)
      const release = await slots.acquire({ accountId: proof.accountId, target: name }, signal)
      try {
        return await checkProof(services, { ...proof, name }, signal)
      } finally {
        release()
      }
    },
  }
}

function configureWeb({ client, web = {} }: DomainControlOptions): { http: GuardedHttp; tlsAlpn: TlsAlpnServices } {
  const { httpPort = 80, httpsPort = 443, tlsAlpnPort = 443, allowed = { contains: () => false }, timeoutMs = 10_000 } = web
  const host = { client, guard: createAddressGuard(allowed), timeoutMs }
  return { http: { ...host, ports: { http: httpPort, https: httpsPort } }, tlsAlpn: { ...host, port: tlsAlpnPort } }
}

function checkProof(
  services: { client: DnsClient; http: GuardedHttp; tlsAlpn: TlsAlpnServices },
  proof: DomainProof & { name: string },
  signal: StopSignal,
): Promise<ProofAttempt> {
  const { name } = proof
  const unfit = findUnfit(proof.method, proof.identifier)
  if (unfit !== undefined) return Promise.resolve(unfit)
  switch (proof.method) {
    case 'DNS':
      return checkDnsTxt(services, { method: 'DNS', record: dnsRecordName(name), expected: proof.token }, signal)
    case 'FILE':
      return checkHttpFile(services, { name, expected: proof.token }, signal)
    case 'http-01':
      return checkHttp01(services, { name, token: proof.token, keyAuthorization: proof.keyAuthorization }, signal)
    case 'dns-01':
      return checkDns01(services, { name, keyAuthorization: proof.keyAuthorization }, signal)
    case 'tls-alpn-01':
      return checkTlsAlpn01(services.tlsAlpn, { name, keyAuthorization: proof.keyAuthorization }, signal)
    default:
      return proof satisfies never
  }
}

/** What a method can never prove, whatever there is to see: only DNS proves a wildcard (BR 3.2.2.4.18 to .20), and it proves no address. */
function findUnfit(method: ProofMethod, identifier: string): ProofAttempt | undefined {
  const overDns = method === 'DNS' || method === 'dns-01'
  const isWildcard = identifier.startsWith('*.')
  if (!overDns && isWildcard) {
    const how = { FILE: 'a file; use the method DNS', 'http-01': 'http-01; use dns-01', 'tls-alpn-01': 'tls-alpn-01; use dns-01' }[method]
    return refuse(method, 'wildcard', `A wildcard name cannot be proven by ${how}.`)
  }
  if (overDns && isIP(identifier) !== 0) return refuse(method, 'malformed', 'An IP address cannot be proven by a TXT record.')
  return undefined
}

function refuse(method: ProofMethod, failure: ProofFailure, message: string): ProofAttempt {
  return { proven: false, failure, message, evidence: { method, queries: [], ...(method === 'FILE' && { requests: [] }) } }
}
