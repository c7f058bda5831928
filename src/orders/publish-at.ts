import { delegatedName } from '../validation/delegation.ts'
import type { ProofEvidence } from '../validation/proof.ts'

/**
 * Where a CNAME delegates the record of an authorization to, as far as a look has seen: the one that proved it, else the latest. Undefined: the
 * record belongs at its own name.
 *
 * @param attempts looks of the order, the newest first
 */
export function publishAtOf(
  { id, evidence }: { readonly id: number; readonly evidence: string | null },
  attempts: readonly { readonly authorization_id: number; readonly outcome: string; readonly evidence: string }[],
): string | undefined {
  const look = evidence === null ? attempts.find(({ authorization_id }) => authorization_id === id) : { outcome: 'proven', evidence }
  // Stored by the service itself.
  return look && delegatedName({ outcome: look.outcome, evidence: JSON.parse(look.evidence) as ProofEvidence })
}
