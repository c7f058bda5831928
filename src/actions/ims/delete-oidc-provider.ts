import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { deleteOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerResource } from './provider-fields.ts'

/** Delete an OpenID Connect provider; sessions that run keep their end. */
export const deleteOidcProviderAction = action({
  name: 'DeleteOIDCProvider',
  version: IMS_VERSION,
  access: 'delete',
  ramAction: 'ram:DeleteOIDCProvider',
  target: { resources: providerResource },
  summary: 'Delete an OpenID Connect provider; sessions that run keep their end.',
  strict: false,
  input: z.object({ OIDCProviderName: z.string().min(1) }),
  output: z.object({}),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run({ OIDCProviderName }, context, services) {
    await deleteOidcProvider(services, context, OIDCProviderName)
    return {}
  },
})
