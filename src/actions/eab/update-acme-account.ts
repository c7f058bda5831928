import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { prepareRamChange } from '../../ram/ram-change.ts'
import { wireId } from '../fields.ts'
import { EXTENSION_VERSION } from '../versions.ts'

/** Revoke an account that an ACME client made: it can do nothing any more (RFC 8555 section 7.1.6). */
export const updateAcmeAccountAction = action({
  name: 'UpdateAcmeAccount',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:UpdateAcmeAccount',
  target: {
    resources: ({ AcmeAccountId }) => (typeof AcmeAccountId === 'string' && AcmeAccountId !== '' ? [`acmeaccount/${AcmeAccountId}`] : []),
  },
  summary: 'Revoke an account that an ACME client made: it can do nothing any more.',
  strict: true,
  input: z.object({ AcmeAccountId: wireId, Status: z.enum(['revoked']) }),
  output: z.object({}),
  problems: ['entityNotExist', 'acmeAccountEnded', 'callerInactive'],
  async run({ AcmeAccountId }, context, services) {
    await services.db.write.revokeAcmeAccount({ ...(await prepareRamChange(services, context)), acmeAccountId: AcmeAccountId })
    return {}
  },
})
