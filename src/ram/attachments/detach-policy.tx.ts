import { Problem } from '../../problem.ts'
import { beginRamChange, recordRamChange } from '../../storage/ram-change.ts'
import { defineWrite } from '../../storage/write.ts'
import type { AttachmentInput } from './attach-policy.tx.ts'
import { holderWords } from './limits.ts'

/** Detaches a policy. Refuses with `entityNotExist` (`EntityNotExist.User.Policy` and the like) or `callerInactive`. */
export const detachPolicy = defineWrite({
  async run(tx, input: AttachmentInput): Promise<void> {
    const { holderKind: kind } = input
    const [, deleted] = await Promise.all([
      beginRamChange(tx, input),
      tx.run(`delete from ram_attachments where account_id = ? and holder_kind = ? and holder_id = ? and policy_key = ?`, [
        input.caller.accountId,
        kind,
        input.holderId,
        input.policyKey,
      ]),
      recordRamChange(tx, input, {
        kind: 'policy.detached',
        resource: `${kind}/${input.holderName}`,
        detail: { policyType: input.policyType, policy: input.policyName },
      }),
    ])
    if (deleted.changes === 0) {
      throw new Problem('entityNotExist', { P: `${holderWords[kind]}.Policy`, what: `attachment of the policy to the ${kind}` })
    }
  },
})
