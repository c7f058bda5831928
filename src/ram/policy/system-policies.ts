import type { NamedDocument } from './evaluate.ts'
import { parsePolicyDocument } from './parse-policy.ts'
import { type SystemPolicyText, systemPolicyTexts } from './system-policy-texts.ts'

/** A policy that every account has and none can change, made ready. */
export interface SystemPolicy extends NamedDocument, SystemPolicyText {}

/** All system policies, by name. */
export const systemPolicies: ReadonlyMap<string, SystemPolicy> = new Map(
  [...systemPolicyTexts].map(([name, words]) => [
    name,
    { ...words, version: 'v1', document: parsePolicyDocument(words.text, { setOperators: false }) },
  ]),
)

const byLowerName = new Map([...systemPolicies].map(([name, policy]) => [name.toLowerCase(), policy]))

/** A system policy by its name in whatever case. */
export function findSystemPolicy(name: string): SystemPolicy | undefined {
  return byLowerName.get(name.toLowerCase())
}
