import type { Services } from '../../services.ts'
import { findAccountRules } from '../../storage/ram-grants.ts'
import { parsePolicyDocument } from '../policy/parse-policy.ts'

/**
 * Holds a trust policy against what the account may write.
 *
 * @throws Problem malformedPolicyDocument
 */
export async function assertTrustDocument({ db }: Pick<Services, 'db'>, accountId: number, text: string): Promise<void> {
  const rules = await findAccountRules(db.read, accountId)
  parsePolicyDocument(text, { setOperators: rules?.set_operators === 1, kind: 'trust' })
}
