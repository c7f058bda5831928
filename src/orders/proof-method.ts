import { Problem } from '../problem.ts'
import { dnsRecordName } from '../validation/record-name.ts'
import type { ParsedDomain } from './domain-name.ts'

/** `ValidateType` on the wire. */
export type ProofMethod = 'DNS' | 'FILE'

/**
 * Refuses a method by which a name cannot be proven.
 *
 * @throws Problem invalidParameter
 */
export function assertProvable(domain: Pick<ParsedDomain, 'name' | 'wildcard'>, method: ProofMethod): void {
  if (method === 'FILE' && domain.wildcard) {
    throw new Problem('invalidParameter', { P: 'ValidateType', rule: 'A wildcard name cannot be proven by FILE; use DNS.' })
  }
  if (method === 'DNS' && dnsRecordName(domain.name).length > 253) {
    throw new Problem('invalidParameter', { P: 'Domain', rule: 'The name is too long for a DNS record below it; use FILE.' })
  }
}
