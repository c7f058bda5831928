import { fileProofPath } from '../validation/http-file.ts'
import { delegatedName } from '../validation/delegation.ts'
import type { ProofAttempt } from '../validation/proof.ts'
import { authorizationName, dnsRecordName } from '../validation/record-name.ts'
import type { AuthorizationMethod, OrderState } from '../storage/schema.ts'
import { adviseRenewal, type CertificateTerm } from './advise-renewal.ts'

/** A name that is not proven yet, with what the latest look at it saw. */
export interface UnprovenName {
  readonly identifier: string
  /** Null: the client of the ACME door has not chosen a challenge yet. */
  readonly method: AuthorizationMethod | null
  readonly token: string
  /** Undefined: nobody has looked yet. */
  readonly seen: { readonly outcome: string; readonly message: string; readonly evidence: ProofAttempt['evidence'] } | undefined
}

/** What advice depends on besides the state. */
interface AdviceFacts {
  readonly failure: string | undefined
  /** Undefined: there is no certificate. */
  readonly term: CertificateTerm | undefined
  readonly door: 'rpc' | 'acme'
}

/** What the owner of an order has to do in its state, one English sentence or more an entry. */
export function adviseOrder(state: OrderState, unproven: readonly UnprovenName[], more: AdviceFacts): readonly string[] {
  const ofClient = more.door === 'acme' ? clientAdvice[state] : undefined
  return ofClient === undefined ? adviseApplicant(state, unproven, more) : [ofClient]
}

/** What differs at the ACME door, where the client does all steps and units go back by themselves. */
const clientAdvice: Partial<Record<OrderState, string>> = {
  ready: 'The ACME client has to finalize the order; its time is over 24 hours after it was placed.',
  failed: 'The ACME client has to place a new order; the unit of this one was given back.',
}

function adviseApplicant(state: OrderState, unproven: readonly UnprovenName[], { failure, term }: AdviceFacts): readonly string[] {
  switch (state) {
    case 'ready':
    case 'issuing':
      return ['Nothing: the service goes on by itself.']
    case 'validating':
      return unproven.length === 0 ? ['Nothing: the service goes on by itself.'] : unproven.map(adviseName)
    case 'reviewing':
      return ['Wait: a person decides about the organization. CancelOrderRequest takes the application back.']
    case 'draft':
    case 'withdrawn':
      return ['SubmitOrder applies for the certificate; DeleteCertificateRequest gives the order up and its unit back.']
    case 'failed':
      return [`${failure ?? 'It failed.'} Mend the cause and place a new order; DeleteCertificateRequest gives the unit of this one back.`]
    case 'issued':
      return term === undefined ? [] : [adviseRenewal(term)]
    case 'revoked':
      return ['The certificate is revoked; place a new order if one is needed.']
    case 'deleted':
      return []
  }
}

/** What to put in place for a name, and what is there instead. */
export function adviseName(name: UnprovenName): string {
  if (name.method !== 'DNS' && name.method !== 'FILE') return adviseChallenge(name)
  const seen = name.seen === undefined ? 'The service has not looked yet.' : explainSight(name.identifier, name.method, name.seen)
  if (name.method === 'FILE') {
    const address = `http://${authorizationName(name.identifier)}${fileProofPath}`
    return `Serve a file at ${address} whose whole content is ${name.token}. ${seen}`
  }
  const delegated = name.seen && delegatedName(name.seen)
  return `Put a TXT record at ${delegated ?? dnsRecordName(name.identifier)} with the value ${name.token}. ${seen}`
}

/** Challenges are the business of the ACME client: it puts in place what it shows, and asks for the look. */
function adviseChallenge({ identifier, method, seen }: UnprovenName): string {
  const chosen = method === null ? 'choose a challenge for' : `answer the challenge ${method} of`
  return `The ACME client has to ${chosen} ${authorizationName(identifier)}. ${seen?.message ?? 'The service has not looked yet.'}`
}

/** What a look saw, and what mends it. */
export function explainSight(identifier: string, method: 'DNS' | 'FILE', seen: NonNullable<UnprovenName['seen']>): string {
  const { outcome, message, evidence } = seen
  const record = dnsRecordName(identifier)
  const { target } = evidence
  if (target !== undefined) {
    return delegatedName(seen) === undefined
      ? `A CNAME at ${record}, its own or a wildcard's, leads to ${target}, which cannot be resolved: mend that zone, or remove the CNAME. ${message}`
      : `${explainDelegation(record, target)} ${message}`
  }
  switch (outcome) {
    case 'nxdomain':
      return `The resolver still answers NXDOMAIN; a new record may take as long as the zone's negative TTL. ${message}`
    case 'noRecord':
      return `The name exists, but the record is not there. ${message}`
    case 'wrongValue':
      return method === 'DNS'
        ? `The record exists but holds another value; add this one beside it. ${message}`
        : `The file is there but holds something else. ${message}`
    case 'servfail':
      return `The resolver cannot resolve the name: look for a broken DNSSEC signature or name servers that do not answer. ${message}`
    case 'refused':
    case 'timeout':
    case 'network':
      return `No answer came: check that the ${method === 'DNS' ? 'name servers answer' : 'web server is reachable on ports 80 and 443'}. ${message}`
    case 'forbiddenAddress':
      return `The name leads to an address that is not looked at, such as a private one: let it lead to a public one, or use DNS. ${message}`
    default:
      return message
  }
}

/** That a CNAME stands where the record belongs: what its owner wants, or what a wildcard does unasked. */
export function explainDelegation(record: string, target: string): string {
  return (
    `A CNAME at ${record} leads to ${target}, and the TXT record belongs there. If it is a wildcard's and not meant, a TXT record at ${record} ` +
    'itself takes its place.'
  )
}
