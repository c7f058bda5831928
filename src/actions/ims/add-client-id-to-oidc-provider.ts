import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Add a client id to an OpenID Connect provider; it is no error if it is there already. */
export const addClientIdToOidcProviderAction = action({
  name: 'AddClientIdToOIDCProvider',
  version: IMS_VERSION,
  access: 'update',
  ramAction: 'ram:AddClientIdToOIDCProvider',
  target: { resources: providerResource },
  summary: 'Add a client id to an OpenID Connect provider; it is no error if it is there already.',
  strict: false,
  input: z.object({ OIDCProviderName: z.string().min(1), ClientId: z.string().min(1) }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run({ OIDCProviderName, ClientId }, context, services) {
    const row = await updateOidcProvider(services, context, OIDCProviderName, ({ clientIds }) => ({ clientIds: [...clientIds, ClientId] }))
    return { OIDCProvider: providerToWire(row) }
  },
})
