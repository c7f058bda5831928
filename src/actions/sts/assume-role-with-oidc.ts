import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { assumeRoleWithOidc } from '../../ram/sessions/assume-role-with-oidc.ts'
import { optionalText } from '../fields.ts'
import { wireTime } from '../ram/fields.ts'
import { STS_VERSION } from '../versions.ts'
import { durationSeconds, sessionFields, sessionToWire } from './session-fields.ts'

/** Begin a session of a role by the token of an identity provider. */
export const assumeRoleWithOidcAction = action({
  name: 'AssumeRoleWithOIDC',
  version: STS_VERSION,
  access: 'create',
  ramAction: 'sts:AssumeRoleWithOIDC',
  decidedBy: 'action',
  anonymous: true,
  summary: 'Begin a session of a role without a key, by the token of an OpenID Connect provider that the role trusts.',
  strict: false,
  input: z.object({
    OIDCProviderArn: z.string().min(1),
    // An empty one is refused as every other token that is none.
    OIDCToken: z.string().default(''),
    RoleArn: z.string().min(1),
    RoleSessionName: z.string().min(1),
    DurationSeconds: durationSeconds,
    Policy: optionalText,
  }),
  output: z.object({
    ...sessionFields,
    OIDCTokenInfo: z.object({
      Subject: z.string(),
      Issuer: z.string(),
      ClientIds: z.string(),
      ExpirationTime: z.string(),
      IssuanceTime: z.string(),
      VerificationInfo: z.string(),
    }),
  }),
  problems: [
    'invalidRamValue',
    'sessionPolicySize',
    'sessionPolicyGrammar',
    'callerInactive',
    'oidcNoPermission',
    'oidcTokenInvalid',
    'oidcTokenExpired',
    'oidcIssuerNotMatch',
    'oidcAudienceNotMatch',
    'oidcInvalidSignature',
    'oidcIssuerBroken',
    'oidcIssuerUntrusted',
    'oidcFingerprintMismatch',
  ],
  async run(input, context, services) {
    const { token, ...session } = await assumeRoleWithOidc(services, context, {
      providerArn: input.OIDCProviderArn,
      // The token comes out of a file, often with a line end.
      token: input.OIDCToken.trim(),
      roleArn: input.RoleArn,
      sessionName: input.RoleSessionName,
      durationSeconds: input.DurationSeconds,
      policy: input.Policy,
    })
    return {
      ...sessionToWire(session),
      OIDCTokenInfo: {
        Subject: token.subject,
        Issuer: token.issuer,
        ClientIds: token.audiences.join(','),
        ExpirationTime: wireTime(token.expiresAt * 1000),
        IssuanceTime: wireTime(token.issuedAt * 1000),
        VerificationInfo: 'Success',
      },
    }
  },
})
