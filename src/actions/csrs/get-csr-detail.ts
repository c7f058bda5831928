import { z } from 'zod'
import { describeCsr } from '../../csrs/describe-csr.ts'
import { action } from '../../gateway/action.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { csrTarget } from './csr-fields.ts'

/** Shows a CSR in PEM. */
export const getCsrDetailAction = action({
  name: 'GetCsrDetail',
  version: CAS_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetCsrDetail',
  target: csrTarget,
  summary: 'Show a CSR in PEM, and its private key if it is held and the caller may read it.',
  strict: false,
  input: z.object({ CsrId: wireId }),
  output: z.object({
    Csr: z.string(),
    PrivateKey: z.string().optional(),
    /** Ours: the key is held, and reading it is not allowed. */
    PrivateKeyWithheld: z.literal(true).optional(),
  }),
  problems: ['notFoundContent'],
  async run({ CsrId }, context, services) {
    const { pem, privateKeyPem, keyWithheld } = await describeCsr(services, context, CsrId)
    return {
      Csr: pem,
      ...(privateKeyPem !== undefined && { PrivateKey: privateKeyPem }),
      ...(keyWithheld && { PrivateKeyWithheld: true as const }),
    }
  },
})
