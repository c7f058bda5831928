import { z } from 'zod'
import { deleteCsr } from '../../csrs/delete-csr.ts'
import { action } from '../../gateway/action.ts'
import { wireId } from '../fields.ts'
import { CAS_VERSION } from '../versions.ts'
import { csrTarget } from './csr-fields.ts'

/** Deletes a CSR and its key. */
export const deleteCsrAction = action({
  name: 'DeleteCsr',
  version: CAS_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteCsr',
  target: csrTarget,
  summary: 'Delete a CSR and its private key; orders placed with it go on.',
  strict: false,
  input: z.object({ CsrId: wireId }),
  output: z.object({}),
  problems: ['notFoundContent', 'callerInactive'],
  async run({ CsrId }, context, services) {
    await deleteCsr(services, context, CsrId)
    return {}
  },
})
