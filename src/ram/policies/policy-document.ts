import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'
import { findAccountRules } from '../../storage/ram-grants.ts'
import { parsePolicyDocument } from '../policy/parse-policy.ts'

/** UTF-16 code units of a document. */
const MOST_CHARACTERS = 6_144

/**
 * Holds a document against what the account may write.
 *
 * @throws Problem invalidRamName (`InvalidParameter.PolicyDocument.Length`), malformedPolicyDocument
 */
export async function assertPolicyDocument({ db }: Pick<Services, 'db'>, accountId: number, text: string): Promise<void> {
  if (text.length > MOST_CHARACTERS)
    throw new Problem('invalidRamName', { P: 'PolicyDocument', fault: 'Length', rule: `It has at most ${MOST_CHARACTERS} characters.` })
  const rules = await findAccountRules(db.read, accountId)
  parsePolicyDocument(text, { setOperators: rules?.set_operators === 1 })
}
