import { Problem } from '../../problem.ts'
import type { PolicyType } from './policy.ts'

/** @throws Problem invalidRamValue (`InvalidParameter.PolicyType`) */
export function parsePolicyType(text: string): PolicyType {
  if (text === 'System' || text === 'Custom') return text
  throw new Problem('invalidRamValue', { P: 'PolicyType', rule: 'It is System or Custom.' })
}
