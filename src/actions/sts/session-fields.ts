import { z } from 'zod'
import { roleName } from '../../ram/principals.ts'
import type { BegunSession } from '../../ram/sessions/begin-session.ts'
import { roleWireId } from '../../ram/wire-ids.ts'
import { optionalText } from '../fields.ts'
import { wireTime } from '../ram/fields.ts'

/** `DurationSeconds`. */
export const durationSeconds = optionalText.pipe(
  z
    .string()
    .regex(/^[0-9]{1,9}$/, 'A whole number is needed.')
    .transform(Number)
    .optional(),
)

/** What every answer that begins a session says of it. */
export const sessionFields = {
  Credentials: z.object({ AccessKeyId: z.string(), AccessKeySecret: z.string(), SecurityToken: z.string(), Expiration: z.string() }),
  AssumedRoleUser: z.object({ Arn: z.string(), AssumedRoleId: z.string() }),
  SourceIdentity: z.string().optional(),
}

export function sessionToWire({ role, sessionName, ...session }: BegunSession) {
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      AccessKeySecret: session.secret,
      SecurityToken: session.securityToken,
      Expiration: wireTime(session.expiresAtMs),
    },
    AssumedRoleUser: {
      // The original writes the session so here, and as `assumed-role/…` where it calls.
      Arn: `${roleName(role.account_id, role.name)}/${sessionName}`,
      AssumedRoleId: `${roleWireId(role.id)}:${sessionName}`,
    },
    SourceIdentity: session.sourceIdentity,
  }
}
