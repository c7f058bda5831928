import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { loadNamed } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Read one OpenID Connect provider. */
export const getOidcProviderAction = action({
  name: 'GetOIDCProvider',
  version: IMS_VERSION,
  access: 'get',
  ramAction: 'ram:GetOIDCProvider',
  target: { resources: providerResource },
  summary: 'Read one OpenID Connect provider.',
  strict: false,
  input: z.object({ OIDCProviderName: z.string().min(1) }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run({ OIDCProviderName }, context, services) {
    return { OIDCProvider: providerToWire(await loadNamed(services, context, OIDCProviderName)) }
  },
})
