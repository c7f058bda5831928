import { z } from 'zod'
import { uploadCertificate } from '../../certificates/upload-certificate.ts'
import { action } from '../../gateway/action.ts'
import { clientToken, optionalText, wireTags } from '../fields.ts'
import { requestTags } from '../orders/placing-target.ts'
import { CAS_VERSION } from '../versions.ts'
import { resourceGroup } from './fields.ts'

/** Stores a certificate that another CA issued. */
export const uploadUserCertificate = action({
  name: 'UploadUserCertificate',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:UploadUserCertificate',
  target: { resources: () => ['certificate/*'], conditions: requestTags },
  summary: 'Upload a certificate with its private key, or the signing and the encrypting pair of SM2.',
  strict: false,
  input: z.object({
    Name: z.string().min(1),
    Cert: optionalText,
    Key: optionalText,
    SignCert: optionalText,
    SignPrivateKey: optionalText,
    EncryptCert: optionalText,
    EncryptPrivateKey: optionalText,
    ResourceGroupId: resourceGroup,
    Tags: wireTags,
    ClientToken: clientToken,
  }),
  output: z.object({ CertId: z.int(), ResourceId: z.string() }),
  problems: [
    'privateKeyFormat',
    'certificateFormat',
    'certificateKeyMismatch',
    'certificateChainMismatch',
    'nameRepeat',
    'limitExceeded',
    'idempotentParameterMismatch',
    'callerInactive',
  ],
  async run(input, context, services) {
    const { certId, resource } = await uploadCertificate(services, {
      context,
      name: input.Name,
      texts: {
        cert: input.Cert,
        key: input.Key,
        signCert: input.SignCert,
        signPrivateKey: input.SignPrivateKey,
        encryptCert: input.EncryptCert,
        encryptPrivateKey: input.EncryptPrivateKey,
      },
      resourceGroup: input.ResourceGroupId,
      tags: input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
      clientToken: input.ClientToken,
    })
    return { CertId: certId, ResourceId: resource }
  },
})
