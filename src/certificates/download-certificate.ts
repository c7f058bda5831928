import type { RequestContext } from '../gateway/caller.ts'
import { mayReadKey, recordReading } from '../orders/key-reading.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import type { CertificateCardRow } from '../storage/certificate-cards.ts'
import { type CertificateContent, readContent } from './certificate-content.ts'
import { baseNameOf, type DownloadedFile, type DownloadFormat, keyStoreFile, textFiles } from './download-files.ts'

export interface DownloadRequest {
  readonly format: DownloadFormat
  /** Of a key store. */
  readonly password: string | undefined
}

type DownloadServices = Pick<Services, 'db' | 'sealer' | 'authority' | 'access' | 'clock' | 'randomBytes'>

/**
 * A certificate as files for a server. Whoever may not read the key is refused a format that holds it; a reading of the key is on record.
 *
 * @throws Problem missingParameter, invalidParameter, orderStateError if it is revoked, privateKeyNotHeld, noPermission
 */
export async function downloadCertificate(
  services: DownloadServices,
  context: RequestContext,
  card: CertificateCardRow,
  request: DownloadRequest,
): Promise<readonly DownloadedFile[]> {
  const { format } = request
  const password = parsePassword(request)
  if (card.revoked_at !== null) throw new Problem('orderStateError', { rule: 'its certificate is revoked, and is no longer downloaded.' })
  const baseName = baseNameOf(card.common_name)
  const { certificatePem, encrypt, holdsKey } = await readContent(services, card, 'withoutKey')
  if (format === 'pem') {
    const pairs = encrypt === undefined ? [['', certificatePem]] : [['_sign', certificatePem], ['_encrypt', encrypt.certificatePem]] // prettier-ignore
    return pairs.map(([use, text = '']) => ({ name: `${baseName}${use}.pem`, text }))
  }
  if (encrypt !== undefined && format !== 'nginx') {
    throw new Problem('invalidParameter', { P: 'FileFormat', rule: 'An SM2 pair is downloaded as nginx or pem.' })
  }
  if (!holdsKey) throw new Problem('privateKeyNotHeld', { format })
  const pair = await openPair(services, context, card)
  if (pair.encrypt !== undefined) {
    return [
      ...textFiles('nginx', { ...pairOf(pair, format), baseName: `${baseName}_sign` }),
      ...textFiles('nginx', { ...pairOf(pair.encrypt, format), baseName: `${baseName}_encrypt` }),
    ]
  }
  const files = { ...pairOf(pair, format), baseName }
  if (format !== 'pkcs12' && format !== 'jks') return textFiles(format, files)
  return [await keyStoreFile(format, files, { password, now: services.clock(), randomBytes: services.randomBytes })]
}

/** The content with its keys. Asked for and put on record as a reading. */
async function openPair(services: DownloadServices, context: RequestContext, card: CertificateCardRow): Promise<CertificateContent> {
  if ((await mayReadKey(services, context, card.id)) === 'withoutKey') {
    // Refuses with the details of the decision.
    await services.access.assertAllowed(context, { action: 'yundun-cert:GetPrivateKey', resources: [`certificate/${card.id}`] })
  }
  const content = await readContent(services, card, 'withKey')
  await recordReading(services, context, card.id)
  return content
}

function pairOf(pair: Pick<CertificateContent, 'certificatePem' | 'privateKeyPem'>, format: DownloadFormat) {
  const { certificatePem, privateKeyPem } = pair
  // Destroyed since it was looked at.
  if (privateKeyPem === undefined) throw new Problem('privateKeyNotHeld', { format })
  return { certificatePem, privateKeyPem }
}

/** Empty where none is needed. keytool takes no password of fewer than six characters. */
function parsePassword({ format, password }: DownloadRequest): string {
  const invalid = (rule: string) => new Problem('invalidParameter', { P: 'Password', rule })
  if (format !== 'pkcs12' && format !== 'jks') {
    if (password !== undefined) throw invalid(`The format ${format} has no password.`)
    return ''
  }
  if (password === undefined) throw new Problem('missingParameter', { P: 'Password' })
  if (!/^[\x20-\x7e]{6,128}$/.test(password)) throw invalid('A password has 6 to 128 printable ASCII characters.')
  return password
}
