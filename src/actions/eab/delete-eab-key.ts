import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { prepareRamChange } from '../../ram/ram-change.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { eabKeyTarget } from './eab-fields.ts'

/** Delete an external account key: its MAC key is destroyed, and its ACME accounts can order no more. */
export const deleteEabKeyAction = action({
  name: 'DeleteEabKey',
  version: EXTENSION_VERSION,
  access: 'delete',
  ramAction: 'yundun-cert:DeleteEabKey',
  target: eabKeyTarget,
  summary: 'Delete an external account key: its MAC key is destroyed, and its ACME accounts can order no more.',
  strict: true,
  input: z.object({ KeyId: z.string().min(1) }),
  output: z.object({}),
  problems: ['entityNotExist', 'callerInactive'],
  async run({ KeyId }, context, services) {
    await services.db.write.deleteEabKey({ ...(await prepareRamChange(services, context)), keyId: KeyId })
    return {}
  },
})
