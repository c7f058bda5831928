import { z } from 'zod'
import { updateCsr } from '../../csrs/update-csr.ts'
import { action } from '../../gateway/action.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { csrTarget } from './csr-fields.ts'

/** Keeps the private key of a CSR. */
export const updateCsrAction = action({
  name: 'UpdateCsr',
  version: CAS_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:UpdateCsr',
  target: csrTarget,
  summary: 'Keep the private key of a CSR with it.',
  strict: false,
  input: z.object({ CsrId: wireId, Key: z.string().min(1) }),
  output: z.object({}),
  problems: ['notFoundContent', 'privateKeyFormat', 'csrKeyMismatch', 'callerInactive'],
  async run({ CsrId, Key }, context, services) {
    await updateCsr(services, context, { csrId: CsrId, key: Key })
    return {}
  },
})
