import type { ProofEvidence } from './proof.ts'

/** Outcomes of looks that came to where the record belongs: to a zone that answers, whatever is in it. */
const arrivals: ReadonlySet<string> = new Set(['proven', 'nxdomain', 'noRecord', 'wrongValue'])

/**
 * The name at which the record of a proof has to be published instead of its own, because a CNAME delegates it (BR 3.2.2.4.7); undefined where
 * none does, and where the CNAME leads to what does not answer.
 */
export function delegatedName({ outcome, evidence }: { readonly outcome: string; readonly evidence: ProofEvidence }): string | undefined {
  return arrivals.has(outcome) ? evidence.target : undefined
}
