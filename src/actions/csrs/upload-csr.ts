import { z } from 'zod'
import { uploadCsr } from '../../csrs/upload-csr.ts'
import { action } from '../../gateway/action.ts'
import { optionalText } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'

/** Keeps a CSR that was made elsewhere. */
export const uploadCsrAction = action({
  name: 'UploadCsr',
  version: CAS_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:UploadCsr',
  summary: 'Keep a CSR that was made elsewhere, with its private key if that is given.',
  strict: false,
  input: z.object({ Csr: z.string().min(1), Key: optionalText, Name: optionalText }),
  output: z.object({ CsrId: z.int() }),
  problems: ['privateKeyFormat', 'csrKeyMismatch', 'limitExceeded', 'callerInactive'],
  async run({ Csr, Key, Name }, context, services) {
    return { CsrId: await uploadCsr(services, context, { csr: Csr, key: Key, name: Name }) }
  },
})
