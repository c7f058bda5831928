import type { RequestContext } from '../gateway/caller.ts'
import { type GivenTag, parseTags } from '../orders/tags.ts'
import { uploadName } from '../orders/wire-names.ts'
import type { Services } from '../services.ts'
import { clientTokenOf, withClientToken } from '../storage/client-tokens.ts'
import { originOf } from '../storage/events.ts'
import { assertCertificateName, nameKeyOf } from './certificate-name.ts'
import { type CheckedUpload, readUpload, type UploadTexts } from './read-upload.ts'
import { sealUploadedKey } from './uploaded-keys.ts'

/** So many uploaded certificates may an account have at a time. */
export const MOST_UPLOADS = 10_000

/** A certificate from elsewhere, as a door hands it in: texts are still the caller's. */
export interface UploadRequest {
  readonly context: RequestContext
  readonly name: string
  readonly texts: UploadTexts
  readonly resourceGroup: string | undefined
  readonly tags: readonly GivenTag[]
  readonly clientToken: string | undefined
}

type UploadServices = Pick<Services, 'db' | 'clock' | 'sealer'>

/**
 * Checks and stores a certificate that another CA issued, with its key sealed.
 *
 * @returns its id and the name it has in lists
 * @throws Problem invalidParameter, missingParameter, privateKeyFormat, certificateFormat, certificateKeyMismatch,
 *   certificateChainMismatch, nameRepeat, limitExceeded, idempotentParameterMismatch, callerInactive
 */
export async function uploadCertificate(services: UploadServices, request: UploadRequest): Promise<{ certId: number; resource: string }> {
  const { context, name } = request
  assertCertificateName(name)
  const tags = parseTags(request.tags)
  const checked = readUpload(request.texts)
  const { db } = services
  const now = services.clock()
  const resourceGroup = request.resourceGroup ?? null
  const input = [name, checked.certificatePem, checked.keyPem, checked.encrypt ?? null, resourceGroup, tags]
  const token = clientTokenOf(context, request.clientToken, input, now)

  return await withClientToken(db, token, async () => {
    const certId = await db.nextId('certificates')
    const resource = uploadName(certId)
    await db.write.uploadCertificate({
      card: {
        ...checked.facts,
        id: certId,
        account_id: context.caller.accountId,
        source: 'upload',
        origin: 'upload',
        order_id: null,
        instance: resource,
        resource,
        name,
        name_key: nameKeyOf(name),
        has_key: 1,
        revoked_at: null,
        deleted_at: null,
        resource_group: resourceGroup,
        created_at: now,
      },
      uploaded: sealContent(services, checked, { accountId: context.caller.accountId, certificateId: certId }),
      tags,
      most: MOST_UPLOADS,
      caller: context.caller,
      origin: originOf(context),
      eventId: await db.nextId('events'),
      now,
      token: token ?? null,
    })
    return { certId, resource }
  })
}

function sealContent({ sealer }: UploadServices, upload: CheckedUpload, owner: { accountId: number; certificateId: number }) {
  const { encrypt } = upload
  return {
    id: owner.certificateId,
    account_id: owner.accountId,
    certificate_pem: upload.certificatePem,
    key_sealed: sealUploadedKey(sealer, upload.keyPem, owner, 'main'),
    encrypt_pem: encrypt?.certificatePem ?? null,
    encrypt_key_sealed: encrypt === undefined ? null : sealUploadedKey(sealer, encrypt.keyPem, owner, 'encrypt'),
  }
}
