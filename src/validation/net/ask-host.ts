import { isIP } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { startDeadline } from './deadline.ts'
import type { StopSignal } from './deadline.ts'
import type { DnsClient, DnsExchange } from './dns-client.ts'
import { findAddresses } from './find-addresses.ts'
import type { AddressFailure, HostAddresses } from './find-addresses.ts'
import { quoteValue } from './quote-value.ts'
import type { SocketFailure } from './socket-error.ts'

export interface HostServices {
  readonly client: DnsClient
  readonly guard: AddressGuard
  /** For the whole check that this is a part of: a host with both families gives IPv6 half of it. */
  readonly timeoutMs: number
}

export type HostFailureKind = AddressFailure | SocketFailure['failure'] | 'forbiddenAddress'

export interface HostFailure {
  readonly kind: 'failure'
  readonly failure: HostFailureKind
  readonly detail: string
  /** No address was found: it is DNS that failed, also when the word for it is one of connections. */
  readonly lookUp?: true
}

/** Addresses of hosts, as the first look-up of each found them. */
export type KnownAddresses = Map<string, readonly string[]>

export interface Visit<Reply extends { readonly kind: 'reply' }> {
  /** A-label name or literal address, an IPv6 one without brackets. */
  readonly host: string
  readonly signal: StopSignal
  /** DNS queries made so far, to append to. */
  readonly queries: DnsExchange[]
  /** To read and to add to: in one look a host stays where it was, or a record that changes meanwhile leads elsewhere. */
  readonly addresses: KnownAddresses
  /** Asks one address that the guard allows. Rejects only when its signal aborts. */
  ask(address: string, signal: StopSignal): Promise<Reply | SocketFailure>
  /** Hears what came of an address, also of one that the guard refused. */
  note(address: string, ms: number, outcome: Reply | HostFailure): void
}

/**
 * Asks a host that a stranger named: its addresses are looked up once in a look by our own client, and the one asked is judged and then connected to
 * as it is (no second look-up). One IPv6 address comes first, then one IPv4 address once if the first gave no reply.
 * Rejects with the signal's reason when that aborts before an address is known or between the two.
 */
export async function askHost<Reply extends { readonly kind: 'reply' }>(
  services: HostServices,
  visit: Visit<Reply>,
): Promise<Reply | HostFailure> {
  const { host, signal } = visit
  if (isIP(host) !== 0) return await askAddress(services, visit, host, signal)
  // What was found before is found again: see Visit.
  const known = visit.addresses.get(host)
  const found: HostAddresses =
    known === undefined
      ? await findAddresses({ client: services.client, queries: visit.queries }, host, signal)
      : { kind: 'found', addresses: known }
  if (found.kind === 'failure') {
    return { kind: 'failure', failure: found.failure, detail: `no address of ${quoteValue(host)} (${found.detail})`, lookUp: true }
  }
  visit.addresses.set(host, found.addresses)
  const six = found.addresses.find(isSix)
  const four = found.addresses.find((address) => !isSix(address))
  if (six === undefined || four === undefined) return await askAddress(services, visit, six ?? four ?? '', signal)
  // Half of the time for IPv6, so that a broken path leaves some for IPv4.
  using half = startDeadline(services.timeoutMs / 2, signal)
  const first = await askAddress(services, visit, six, half.signal)
  signal.throwIfAborted()
  return first.kind === 'reply' ? first : await askAddress(services, visit, four, signal)
}

/** For literal addresses. */
function isSix(address: string): boolean {
  return address.includes(':')
}

/** Running out of time is a failure like others here: whether it ends the whole is for the callers to see. */
async function askAddress<Reply extends { readonly kind: 'reply' }>(
  { guard }: HostServices,
  visit: Visit<Reply>,
  address: string,
  signal: StopSignal,
): Promise<Reply | HostFailure> {
  const started = performance.now()
  let outcome: Reply | HostFailure
  if (guard.allows(address)) {
    try {
      const answer = await visit.ask(address, signal)
      outcome = isFailure(answer) ? fail(answer.failure, `${answer.detail} from ${address}`) : answer
    } catch (error) {
      if (!signal.aborted) throw error
      outcome = fail('timeout', `no complete answer from ${address} in time`)
    }
  } else {
    outcome = fail('forbiddenAddress', `${address} is a special-use address, and CHANCERY_VALIDATION_ALLOW_CIDRS does not allow it`)
  }
  visit.note(address, Math.round((performance.now() - started) * 10) / 10, outcome)
  return outcome
}

function isFailure(outcome: { readonly kind: string }): outcome is SocketFailure {
  return outcome.kind === 'failure'
}

function fail(failure: HostFailureKind, detail: string): HostFailure {
  return { kind: 'failure', failure, detail }
}
