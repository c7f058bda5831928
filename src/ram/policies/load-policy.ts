import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findPolicy, type PolicyRow } from '../../storage/ram-policies.ts'
import { nameKey } from '../name-key.ts'
import { findSystemPolicyText } from '../policy/system-policy-texts.ts'
import { customPolicy, type Policy, type PolicyName, systemPolicy } from './policy.ts'

/**
 * A policy that the account has: its own, or one of the system.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Policy`)
 */
export async function loadPolicy(services: Pick<Services, 'db'>, accountId: number, { type, name }: PolicyName): Promise<Policy> {
  if (type === 'Custom') return customPolicy(await loadCustomPolicy(services, accountId, name))
  const system = findSystemPolicyText(name)
  if (system === undefined) throw notFound()
  return systemPolicy(system)
}

/**
 * A policy of the account's own.
 *
 * @throws Problem entityNotExist (`EntityNotExist.Policy`)
 */
export async function loadCustomPolicy({ db }: Pick<Services, 'db'>, accountId: number, name: string): Promise<PolicyRow> {
  const row = await findPolicy(db.read, accountId, nameKey(name))
  if (row === undefined) throw notFound()
  return row
}

function notFound(): Problem {
  return new Problem('entityNotExist', { P: 'Policy', what: 'policy' })
}
