import { z } from 'zod'
import { loadCertificateCard } from '../../certificates/describe-certificate.ts'
import { downloadCertificate } from '../../certificates/download-certificate.ts'
import { downloadFormats } from '../../certificates/download-files.ts'
import { action } from '../../gateway/action.ts'
import { optionalText, wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { referenceOf, referenceTarget } from './certificate-target.ts'
import { resourceId } from './fields.ts'

const ramAction = 'yundun-cert:DownloadCertificate'

/** Gives a certificate as the files that a server takes. */
export const downloadCertificateAction = action({
  name: 'DownloadCertificate',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction,
  target: referenceTarget,
  summary: 'Download a certificate with its chain, and with its private key in every format but pem, as files for a server.',
  strict: true,
  input: z.object({
    CertId: wireId.optional(),
    /** The newest certificate of a chain of renewals. */
    ResourceId: resourceId,
    FileFormat: z.enum(downloadFormats, { error: `One of ${downloadFormats.join(', ')} is needed.` }),
    /** Of `pkcs12` and `jks`: 6 to 128 printable ASCII characters. */
    Password: optionalText,
  }),
  output: z.object({
    /** A text in `Content`, octets in `ContentBase64`. */
    Files: z.array(z.object({ Name: z.string(), Content: z.string().optional(), ContentBase64: z.string().optional() })),
  }),
  problems: ['notFoundCertificate', 'orderStateError', 'privateKeyNotHeld'],
  async run(input, context, services) {
    const card = await loadCertificateCard(services, context, referenceOf(input), ramAction)
    const files = await downloadCertificate(services, context, card, { format: input.FileFormat, password: input.Password })
    return {
      Files: files.map(({ name, text, octets }) =>
        text === undefined ? { Name: name, ContentBase64: Buffer.from(octets).toString('base64') } : { Name: name, Content: text },
      ),
    }
  },
})
