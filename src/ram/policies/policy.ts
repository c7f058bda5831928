import type { PolicyRow } from '../../storage/ram-policies.ts'
import { nameKey } from '../name-key.ts'
import type { SystemPolicyText } from '../policy/system-policy-texts.ts'

export type PolicyType = 'System' | 'Custom'

/** What names a policy: there may be one of the system and one of the account's own. */
export interface PolicyName {
  readonly type: PolicyType
  readonly name: string
}

/** A policy of either type, with its default version. Instants in ms. */
export interface Policy extends PolicyName {
  readonly description: string
  /** e.g. 1, on the wire `v1`. */
  readonly defaultVersion: number
  /** JSON, of the default version. */
  readonly document: string
  readonly versionCreatedAt: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** One version of a policy. */
export interface PolicyVersion {
  readonly version: number
  readonly isDefault: boolean
  readonly document: string
  readonly createdAt: number
}

/** When the texts of the system policies were written. */
const SYSTEM_POLICIES_SINCE = Date.UTC(2026, 10, 24)

/** The key of a policy among attachments. */
export function policyKey(type: PolicyType, name: string): string {
  return `${type}:${nameKey(name)}`
}

export function customPolicy(row: PolicyRow): Policy {
  return {
    type: 'Custom',
    name: row.name,
    description: row.description,
    defaultVersion: row.default_version,
    document: row.document,
    versionCreatedAt: row.version_created_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function systemPolicy({ name, description, text }: SystemPolicyText): Policy {
  const since = SYSTEM_POLICIES_SINCE
  return {
    type: 'System',
    name,
    description,
    defaultVersion: 1,
    document: text,
    versionCreatedAt: since,
    createdAt: since,
    updatedAt: since,
  }
}
