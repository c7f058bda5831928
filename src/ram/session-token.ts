import type { SharedSecrets } from '../keys/shared-secrets.ts'

/** A temporary key of a role session. It is stored nowhere: everything is in the token that travels with it. */
export interface SessionToken {
  readonly accessKeyId: string
  readonly secret: string
  readonly accountId: number
  readonly roleId: number
  readonly roleName: string
  readonly sessionName: string
  /** ms. */
  readonly expiresAtMs: number
  /** The policy that narrows the session: JSON. */
  readonly policy?: string
  readonly sourceIdentity?: string
  /** The user who began the first session of its chain. */
  readonly startedByUserId?: number
}

/** Ids of temporary keys begin so, as the original's. */
export const TEMPORARY_KEY_PREFIX = 'STS.'

/** Tokens begin as the original's. */
const PREFIX = 'CAIS'

/** The text of `SecurityToken`. */
export function sealSessionToken(secrets: SharedSecrets, token: SessionToken): string {
  return PREFIX + Buffer.from(secrets.seal('sessionToken', Buffer.from(JSON.stringify(token)))).toString('base64')
}

/** Reads a text of {@link sealSessionToken}; undefined for any other text. */
export async function openSessionToken(secrets: Pick<SharedSecrets, 'open'>, text: string): Promise<SessionToken | undefined> {
  if (!text.startsWith(PREFIX)) return undefined
  const sealed = Buffer.from(text.slice(PREFIX.length), 'base64')
  // Decoding passes over what is no base64: one token must not have endless spellings.
  if (sealed.toString('base64') !== text.slice(PREFIX.length)) return undefined
  const plain = await secrets.open('sessionToken', sealed)
  // Sealed by us: it has the shape that was given.
  return plain === undefined ? undefined : (JSON.parse(Buffer.from(plain).toString('utf8')) as SessionToken)
}
