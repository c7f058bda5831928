import type { RequestContext } from '../../gateway/caller.ts'
import type { Services } from '../../services.ts'
import { randomText } from '../make-access-key.ts'
import { prepareRamChange } from '../ram-change.ts'
import type { EabKey } from './eab-key.ts'
import { findKeyUser } from './key-user.ts'

/** What somebody wants a key for; everything is parsed. */
export interface EabKeyRequest extends Pick<EabKey, 'products' | 'domains' | 'tags'> {
  readonly name: string
  /** Whose permissions count; undefined: the caller's. */
  readonly userName: string | undefined
  readonly unitLimit: number | null
  readonly accountLimit: number | null
  readonly expiresAt: number | null
}

/** HMAC keys of 256 bits: as long as the digest of HS256 (RFC 7518 section 3.2). */
const MAC_OCTETS = 32

/**
 * Makes an external account key.
 *
 * @returns the key's id and its MAC key, which is nowhere else in the clear; its user, null for the account itself
 * @throws Problem entityNotExist, missingParameter, noPermission, limitExceeded, callerInactive
 */
export async function createEabKey(
  services: Pick<Services, 'db' | 'clock' | 'sealer' | 'randomBytes' | 'access'>,
  context: RequestContext,
  request: EabKeyRequest,
): Promise<{ readonly keyId: string; readonly macKey: Uint8Array; readonly userName: string | null }> {
  const { db, sealer, randomBytes } = services
  const { accountId } = context.caller
  const user = await findKeyUser(services, context, request.userName)
  const keyId = `eab-${randomText(20, randomBytes)}`
  const macKey = randomBytes(MAC_OCTETS)
  await db.write.createEabKey({
    ...(await prepareRamChange(services, context)),
    keyId,
    name: request.name,
    userId: user?.id ?? null,
    userName: user?.name ?? null,
    macSealed: sealer.seal(macKey, { purpose: 'accessKey', accountId, id: `eab-${keyId}` }),
    products: request.products,
    domains: request.domains,
    tags: request.tags,
    unitLimit: request.unitLimit,
    accountLimit: request.accountLimit,
    expiresAt: request.expiresAt,
  })
  return { keyId, macKey, userName: user?.name ?? null }
}
