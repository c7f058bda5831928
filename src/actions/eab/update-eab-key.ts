import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { parseAllowedProducts } from '../../ram/eab/allowed-products.ts'
import { parseDomainPatterns } from '../../ram/eab/domain-pattern.ts'
import { loadEabKey } from '../../ram/eab/load-eab-key.ts'
import { prepareRamChange } from '../../ram/ram-change.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { eabKeyFields, eabKeyTarget, eabKeyToWire, expiryFields, keyName, readExpiry, wireLimit, wireTexts } from './eab-fields.ts'

/** Switch an external account key on or off, or change what it is for; what is not named stays. */
export const updateEabKeyAction = action({
  name: 'UpdateEabKey',
  version: EXTENSION_VERSION,
  access: 'update',
  ramAction: 'yundun-cert:UpdateEabKey',
  target: eabKeyTarget,
  summary: 'Switch an external account key on or off, or change what it is for; what is not named stays.',
  strict: true,
  input: z.object({
    KeyId: z.string().min(1),
    Name: keyName.optional(),
    Status: z.enum(['Active', 'Inactive']).optional(),
    Products: wireTexts.optional(),
    Domains: wireTexts.optional(),
    UnitLimit: wireLimit.optional(),
    AccountLimit: wireLimit.optional(),
    ...expiryFields,
  }),
  output: eabKeyFields,
  problems: ['entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    const { db, clock } = services
    await db.write.updateEabKey({
      ...(await prepareRamChange(services, context)),
      keyId: input.KeyId,
      changes: {
        name: input.Name,
        status: input.Status,
        products: input.Products && parseAllowedProducts(services, input.Products),
        domains: input.Domains && parseDomainPatterns(input.Domains),
        unitLimit: input.UnitLimit,
        accountLimit: input.AccountLimit,
        expiresAt: readExpiry(input, clock()),
      },
    })
    return eabKeyToWire(await loadEabKey(services, context.caller.accountId, input.KeyId), clock())
  },
})
