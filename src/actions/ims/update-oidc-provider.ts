import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { optionalHours, optionalList, providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Change an OpenID Connect provider; what is not given stays. */
export const updateOidcProviderAction = action({
  name: 'UpdateOIDCProvider',
  version: IMS_VERSION,
  access: 'update',
  ramAction: 'ram:UpdateOIDCProvider',
  target: { resources: providerResource },
  summary: 'Change an OpenID Connect provider; what is not given stays.',
  strict: false,
  input: z.object({
    OIDCProviderName: z.string().min(1),
    ClientIds: optionalList,
    NewDescription: z.string().optional(),
    IssuanceLimitTime: optionalHours,
  }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    const row = await updateOidcProvider(services, context, input.OIDCProviderName, () => ({
      ...(input.ClientIds !== undefined && { clientIds: input.ClientIds }),
      ...(input.NewDescription !== undefined && { description: input.NewDescription }),
      ...(input.IssuanceLimitTime !== undefined && { issuanceLimitHours: input.IssuanceLimitTime }),
    }))
    return { OIDCProvider: providerToWire(row) }
  },
})
