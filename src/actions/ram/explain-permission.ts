import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { explainPermission } from '../../ram/explain-permission.ts'
import { optionalText } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

const statement = z.object({ PolicyName: z.string(), Version: z.string(), Index: z.int() })

/** Says whether a user or role may do something, and which statements decide it. */
export const explainPermissionAction = action({
  name: 'ExplainPermission',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'ram:ExplainPermission',
  summary: 'Ask whether a user or role of the account may do something, and see the decision statement by statement.',
  strict: true,
  input: z.object({
    Principal: z.string().min(1),
    AskedAction: z.string().min(1),
    Resource: optionalText,
    Context: z
      .array(z.object({ Key: z.string().min(1), Value: z.string().default('') }))
      .max(50)
      .default([]),
  }),
  output: z.object({
    Decision: z.enum(['Allow', 'ImplicitDeny', 'ExplicitDeny']),
    PolicyType: z.string().optional(),
    DecidingStatement: statement.optional(),
    AskedResource: z.string(),
    Statements: z.array(
      statement.extend({
        Effect: z.enum(['Allow', 'Deny']),
        Matched: z.boolean(),
        ActionMatched: z.boolean(),
        ResourceMatched: z.boolean(),
        Conditions: z.array(z.object({ Operator: z.string(), Key: z.string(), Matched: z.boolean() })),
      }),
    ),
  }),
  problems: ['entityNotExist'],
  async run(input, { caller }, services) {
    const { request, decision, statements } = await explainPermission(services, {
      accountId: caller.accountId,
      principal: input.Principal,
      action: input.AskedAction,
      resource: input.Resource,
      context: Object.fromEntries(
        Object.entries(Object.groupBy(input.Context, ({ Key }) => Key)).map(([key, given]) => [
          key,
          (given ?? []).map(({ Value }) => Value),
        ]),
      ),
    })
    return {
      Decision: decision.decision,
      ...('policyType' in decision && { PolicyType: decision.policyType }),
      ...(decision.statement && {
        DecidingStatement: {
          PolicyName: decision.statement.policy,
          Version: decision.statement.version,
          Index: decision.statement.index,
        },
      }),
      AskedResource: request.resource,
      Statements: statements.map(({ policy, version, index, effect, matched, action: actionMatched, resource, conditions }) => ({
        PolicyName: policy,
        Version: version,
        Index: index,
        Effect: effect,
        Matched: matched,
        ActionMatched: actionMatched,
        ResourceMatched: resource,
        Conditions: conditions.map((condition) => ({ Operator: condition.operator, Key: condition.key, Matched: condition.matched })),
      })),
    }
  },
})
