import type { SharedSecrets } from '../keys/shared-secrets.ts'
import type { PolicyRequest } from './policy/context.ts'
import type { LayersDecision } from './policy/layers.ts'

/** Why a call was refused: for the account's administrators, not for whoever was refused. */
export interface DiagnosticMessage {
  readonly accountId: number
  readonly principal: string
  /** `AuthPrincipalType`, `AuthPrincipalOwnerId` and `AuthPrincipalDisplayName` of the refusal. */
  readonly authPrincipal: Readonly<Record<string, string>>
  readonly requestId: string
  /** ms. */
  readonly at: number
  readonly request: PolicyRequest
  /** With the statement that decided, if one did. */
  readonly decision: LayersDecision
}

/** Messages of the original begin so: the octets are a version. */
const PREFIX = 'AQEAAAAA'

/** The text of `EncodedDiagnosticMessage`: sealed, because it tells names of policies to a caller who may not see them. */
export function sealDiagnosticMessage(secrets: SharedSecrets, message: DiagnosticMessage): string {
  return PREFIX + Buffer.from(secrets.seal('diagnosticMessage', Buffer.from(JSON.stringify(message)))).toString('base64')
}

/** What a text of {@link sealDiagnosticMessage} says; undefined for any other text. */
export async function openDiagnosticMessage(secrets: SharedSecrets, text: string): Promise<DiagnosticMessage | undefined> {
  if (!text.startsWith(PREFIX)) return undefined
  const plain = await secrets.open('diagnosticMessage', Buffer.from(text.slice(PREFIX.length), 'base64'))
  // Sealed by us: it has the shape that was given.
  return plain === undefined ? undefined : (JSON.parse(Buffer.from(plain).toString('utf8')) as DiagnosticMessage)
}
