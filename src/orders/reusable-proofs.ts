import type { Services } from '../services.ts'
import { listProofs, type Proof } from '../storage/acme-orders.ts'
import type { NewAuthorization } from '../storage/authorizations.ts'
import { oldestUsableProof, proofExpiry } from './proof-lifetime.ts'

/** What the search takes: the operator's own limit is one of its settings. */
export interface ReuseServices extends Pick<Services, 'db'> {
  readonly settings: Pick<Services['settings'], 'proofReuseDays'>
}

/** Whose orders, and when a certificate may still be issued on a proof, ms. */
export interface ProofSearch {
  readonly accountId: number
  /** The latest instant of issuance: a proof that counts by then is one that counts now. */
  readonly until: number
  /** Proofs of this account of the ACME door come before others; what it gave up does not count. */
  readonly acmeAccountId?: number
}

/**
 * For each name the newest proof of the account that still counts, by whichever door it was given. What the DNS proved counts for the name and
 * its wildcard alike (BR 3.2.2.4.7); what a host showed counts for that name alone (BR 3.2.2.4.18 to .20).
 */
export async function findReusableProofs(
  { db, settings }: ReuseServices,
  names: readonly string[],
  { accountId, until, acmeAccountId }: ProofSearch,
): Promise<ReadonlyMap<string, Proof>> {
  const found = new Map<string, Proof>()
  if (settings.proofReuseDays === 0) return found
  const identifiers = [...new Set(names.flatMap((name) => [name, counterpart(name)]))]
  const proofs = await listProofs(db.read, accountId, identifiers, oldestUsableProof(until, settings.proofReuseDays), acmeAccountId)
  if (proofs.length === 0) return found
  for (const name of names) {
    const counting = proofs.filter((proof) => counts(proof, name))
    const own = counting.find((proof) => proof.acmeAccountId === acmeAccountId && proof.identifier === name)
    const proof = acmeAccountId === undefined ? counting[0] : (own ?? counting[0])
    if (proof !== undefined) found.set(name, proof)
  }
  return found
}

/** What a new authorization keeps of a proof of before: the new one rests on the same evidence, and ends no later. */
export function takeOver(
  { id, method, validatedAt }: Proof,
  { settings }: Pick<ReuseServices, 'settings'>,
  now: number,
): NonNullable<NewAuthorization['proof']> {
  return { id, method, validatedAt, expiresAt: proofExpiry(validatedAt, now, settings.proofReuseDays) }
}

function counterpart(name: string): string {
  return name.startsWith('*.') ? name.slice(2) : `*.${name}`
}

function counts({ identifier, method }: Proof, name: string): boolean {
  const byDns = method === 'DNS' || method === 'dns-01'
  if (identifier === name) return byDns || !name.startsWith('*.')
  return byDns && identifier === counterpart(name)
}
