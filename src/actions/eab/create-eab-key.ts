import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { KEY_LENGTH, parseTags } from '../../orders/tags.ts'
import { defaultAcmeProductCode } from '../../plans/products.ts'
import { parseAllowedProducts } from '../../ram/eab/allowed-products.ts'
import { createEabKey } from '../../ram/eab/create-eab-key.ts'
import { parseDomainPatterns } from '../../ram/eab/domain-pattern.ts'
import { keyUserResource } from '../../ram/eab/key-user.ts'
import { optionalText, wireTags } from '../fields.ts'
import { requestTags } from '../orders/placing-target.ts'
import { EXTENSION_VERSION } from '../versions.ts'
import { directoryUrl, expiryFields, keyName, readExpiry, wireLimit, wireTexts } from './eab-fields.ts'

/** Make an external account key, by which ACME clients order for a user or for the account; the MAC key is shown this once. */
export const createEabKeyAction = action({
  name: 'CreateEabKey',
  version: EXTENSION_VERSION,
  access: 'create',
  ramAction: 'yundun-cert:CreateEabKey',
  target: { resources: keyUserResource, conditions: requestTags },
  summary: 'Make an external account key, by which ACME clients order for a RAM user or for the account; the MAC key is shown this once.',
  strict: true,
  input: z.object({
    Name: keyName,
    UserName: optionalText,
    Products: wireTexts.default([defaultAcmeProductCode]),
    Domains: wireTexts.default([]),
    Tags: wireTags,
    UnitLimit: wireLimit.default(null),
    AccountLimit: wireLimit.default(null),
    ...expiryFields,
  }),
  output: z.object({
    KeyId: z.string(),
    /** base64url of 32 octets, as ACME clients take it. */
    MacKey: z.string(),
    UserName: z.string().optional(),
    DirectoryUrl: z.string().optional(),
  }),
  problems: ['entityNotExist', 'limitExceeded', 'callerInactive'],
  async run(input, context, services) {
    const { keyId, macKey, userName } = await createEabKey(services, context, {
      name: input.Name,
      userName: input.UserName,
      products: parseAllowedProducts(services, input.Products),
      domains: parseDomainPatterns(input.Domains),
      tags: parseTags(
        input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
        { list: 'Tags', keyLength: KEY_LENGTH },
      ),
      unitLimit: input.UnitLimit,
      accountLimit: input.AccountLimit,
      expiresAt: readExpiry(input, services.clock()) ?? null,
    })
    const url = directoryUrl(services.settings)
    return {
      KeyId: keyId,
      MacKey: Buffer.from(macKey).toString('base64url'),
      ...(userName !== null && { UserName: userName }),
      ...(url !== undefined && { DirectoryUrl: url }),
    }
  },
})
