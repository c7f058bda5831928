import { openCheckSlots } from './check-slots.ts'
import type { CheckLimits } from './check-slots.ts'
import { checkDnsTxt } from './dns-txt.ts'
import { checkHttpFile } from './http-file.ts'
import { createAddressGuard } from './net/address-guard.ts'
import type { AllowedNetworks } from './net/address-guard.ts'
import type { DnsClient } from './net/dns-client.ts'
import type { GuardedHttp } from './net/guarded-http.ts'
import type { ProofAttempt } from './proof.ts'
import { authorizationName } from './record-name.ts'

/** What an applicant claims to have put in place. */
export interface DomainProof {
  readonly method: 'DNS' | 'FILE'
  /** A-label name, possibly `*.example.com`. */
  readonly identifier: string
  readonly token: string
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
  check(proof: DomainProof, signal: AbortSignal): Promise<ProofAttempt>
}

export interface DomainControlOptions {
  readonly client: DnsClient
  readonly limits?: Partial<CheckLimits>
  /** How FILE proofs are fetched: ports 80 and 443, no special-use networks and 10 s for each scheme if not told otherwise. */
  readonly web?: {
    readonly httpPort?: number
    readonly httpsPort?: number
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
  const services = { client: options.client, http: configureHttp(options) }
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

function configureHttp({ client, web = {} }: DomainControlOptions): GuardedHttp {
  const { httpPort = 80, httpsPort = 443, allowed = { contains: () => false }, timeoutMs = 10_000 } = web
  return { client, guard: createAddressGuard(allowed), ports: { http: httpPort, https: httpsPort }, timeoutMs }
}

function checkProof(
  services: { client: DnsClient; http: GuardedHttp },
  proof: DomainProof & { name: string },
  signal: AbortSignal,
): Promise<ProofAttempt> {
  const asked = { name: proof.name, expected: proof.token }
  switch (proof.method) {
    case 'DNS':
      return checkDnsTxt(services, asked, signal)
    case 'FILE':
      return proof.identifier.startsWith('*.') ? Promise.resolve(wildcardByFile) : checkHttpFile(services, asked, signal)
    default:
      return proof.method satisfies never
  }
}

const wildcardByFile: ProofAttempt = {
  proven: false,
  failure: 'wildcard',
  message: 'A wildcard name cannot be proven by a file; use the method DNS.',
  evidence: { method: 'FILE', queries: [], requests: [] },
}
