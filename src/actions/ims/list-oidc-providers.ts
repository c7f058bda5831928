import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { listOidcProviders } from '../../storage/oidc-providers.ts'
import { cutPage, pageFields, truncation } from '../ram/fields.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerFields, providerToWire } from './provider-fields.ts'

/** List the OpenID Connect providers of the account. */
export const listOidcProvidersAction = action({
  name: 'ListOIDCProviders',
  version: IMS_VERSION,
  access: 'list',
  ramAction: 'ram:ListOIDCProviders',

  summary: 'List the OpenID Connect providers of the account.',
  strict: false,
  input: z.object(pageFields),
  output: z.object({ OIDCProviders: z.object({ OIDCProvider: z.array(providerFields) }), ...truncation }),
  problems: [],
  async run({ Marker, MaxItems }, context, services) {
    const rows = await listOidcProviders(services.db.read, context.caller.accountId, { afterId: Marker ?? 0, limit: MaxItems + 1 })
    const { page, ...rest } = cutPage(rows, MaxItems)
    return { OIDCProviders: { OIDCProvider: page.map(providerToWire) }, ...rest }
  },
})
