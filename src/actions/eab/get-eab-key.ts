import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadEabKey } from '../../ram/eab/load-eab-key.ts'
import { findLastUseOfEabKey } from '../../storage/eab-keys.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { eabKeyFields, eabKeyTarget, eabKeyToWire } from './eab-fields.ts'

/** Show an external account key and what it was used for; never its MAC key. */
export const getEabKeyAction = action({
  name: 'GetEabKey',
  version: EXTENSION_VERSION,
  access: 'get',
  ramAction: 'yundun-cert:GetEabKey',
  target: eabKeyTarget,
  summary: 'Show an external account key and what it was used for; never its MAC key.',
  strict: true,
  input: z.object({ KeyId: z.string().min(1) }),
  /** `LastUsedAt`, ms: the newest order or binding of its ACME accounts; absent: there was none. */
  output: eabKeyFields.extend({ LastUsedAt: z.int().optional() }),
  problems: ['entityNotExist'],
  async run({ KeyId }, { caller }, services) {
    const row = await loadEabKey(services, caller.accountId, KeyId)
    const usedAt = await findLastUseOfEabKey(services.db.read, row.id)
    return { ...eabKeyToWire(row, services.clock()), ...(usedAt !== null && { LastUsedAt: usedAt }) }
  },
})
