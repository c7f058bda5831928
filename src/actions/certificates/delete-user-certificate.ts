import { z } from 'zod'
import { deleteCertificate } from '../../certificates/delete-certificate.ts'
import { action } from '../../gateway/action.ts'
import { clientToken, wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { certificateTarget } from './certificate-target.ts'

/** Deletes a certificate from the store, for good. */
export const deleteUserCertificate = action({
  name: 'DeleteUserCertificate',
  version: CAS_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteUserCertificate',
  target: certificateTarget('CertId'),
  summary: 'Delete a certificate that was uploaded, has expired or is revoked; its private key is destroyed.',
  strict: false,
  input: z.object({ CertId: wireId, ClientToken: clientToken }),
  output: z.object({}),
  problems: ['notFoundCertificate', 'certificateValid', 'idempotentParameterMismatch', 'callerInactive'],
  async run({ CertId, ClientToken }, context, services) {
    await deleteCertificate(services, context, { certId: CertId, clientToken: ClientToken })
    return {}
  },
})
