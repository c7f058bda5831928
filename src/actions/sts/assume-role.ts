import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { assumeRole } from '../../ram/sessions/assume-role.ts'
import { optionalText } from '../fields.ts'
import { STS_VERSION } from '../versions.ts'
import { durationSeconds, sessionFields, sessionToWire } from './session-fields.ts'

/** Begin a session of a role. */
export const assumeRoleAction = action({
  name: 'AssumeRole',
  version: STS_VERSION,
  access: 'create',
  ramAction: 'sts:AssumeRole',
  decidedBy: 'action',
  summary: 'Begin a session of a role: a temporary key for a user, or for a session of another role, that the role trusts.',
  strict: false,
  input: z.object({
    RoleArn: z.string().min(1),
    RoleSessionName: z.string().min(1),
    DurationSeconds: durationSeconds,
    Policy: optionalText,
    ExternalId: optionalText,
    SourceIdentity: optionalText,
  }),
  output: z.object(sessionFields),
  problems: ['invalidRamValue', 'sessionPolicySize', 'sessionPolicyGrammar', 'rootMayNotAssume', 'entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    return sessionToWire(
      await assumeRole(services, context, {
        roleArn: input.RoleArn,
        sessionName: input.RoleSessionName,
        durationSeconds: input.DurationSeconds,
        policy: input.Policy,
        externalId: input.ExternalId,
        sourceIdentity: input.SourceIdentity,
      }),
    )
  },
})
