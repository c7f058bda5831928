import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { decodeRefusal, type DecodedStatement } from '../../ram/decode-refusal.ts'
import { RAM_VERSION } from '../versions.ts'

const entityTypes = { user: 'RamUser', group: 'RamGroup', role: 'RamRole' } as const

/** What the original says of a policy, and beyond it which of its statements decided. */
const matchedPolicy = z.object({
  PolicyIdentifier: z.string(),
  PolicyType: z.enum(['System', 'Custom']).optional(),
  PolicyVersion: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  AttachedEntityType: z.enum(['RamUser', 'RamGroup', 'RamRole']).optional(),
  AttachedScope: z.literal('Account').optional(),
  /** From 0. */
  StatementIndex: z.int(),
  /** JSON. */
  Statement: z.string().optional(),
})

/** Read why a call was refused. */
export const decodeDiagnosticMessageAction = action({
  name: 'DecodeDiagnosticMessage',
  version: RAM_VERSION,
  access: 'get',
  ramAction: 'ram:DecodeDiagnosticMessage',
  summary: "Read why a call of the account was refused, from the refusal's EncodedDiagnosticMessage.",
  strict: false,
  input: z.object({ EncodedDiagnosticMessage: z.string().min(1) }),
  output: z.object({
    DecodedDiagnosticMessage: z.object({
      AuthAction: z.string(),
      AuthResource: z.string(),
      AuthPrincipal: z.object({
        AuthPrincipalType: z.string(),
        AuthPrincipalOwnerId: z.string().optional(),
        AuthPrincipalDisplayName: z.string().optional(),
      }),
      AuthConditions: z.array(z.object({ ConditionKey: z.string(), ConditionValues: z.array(z.string()) })),
      ExplicitDeny: z.boolean(),
      NoPermissionPolicyType: z.string(),
      MatchedPolicies: z.array(matchedPolicy),
    }),
  }),
  problems: ['invalidRamValue'],
  async run({ EncodedDiagnosticMessage }, context, services) {
    const refusal = await decodeRefusal(services, EncodedDiagnosticMessage, context.caller.accountId)
    const { AuthPrincipalType = '', AuthPrincipalOwnerId, AuthPrincipalDisplayName } = refusal.authPrincipal
    return {
      DecodedDiagnosticMessage: {
        AuthAction: refusal.action,
        AuthResource: refusal.resource,
        AuthPrincipal: { AuthPrincipalType, AuthPrincipalOwnerId, AuthPrincipalDisplayName },
        AuthConditions: refusal.conditions.map(({ key, values }) => ({ ConditionKey: key, ConditionValues: [...values] })),
        ExplicitDeny: refusal.decision === 'ExplicitDeny',
        NoPermissionPolicyType: refusal.policyType,
        MatchedPolicies: refusal.statement === undefined ? [] : [statementToWire(refusal.statement)],
      },
    }
  },
})

/** Only a Deny refuses by a statement. */
function statementToWire({ policy, version, index, owner, attachedTo, text }: DecodedStatement): z.input<typeof matchedPolicy> {
  return {
    PolicyIdentifier: policy,
    ...(owner !== undefined && { PolicyType: owner }),
    PolicyVersion: version,
    Effect: 'Deny',
    ...(attachedTo !== undefined && { AttachedEntityType: entityTypes[attachedTo], AttachedScope: 'Account' }),
    StatementIndex: index,
    ...(text !== undefined && { Statement: text }),
  }
}
