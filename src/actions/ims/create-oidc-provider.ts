import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { createOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { optionalHours, optionalList, providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Create an OpenID Connect provider: whose tokens roles may trust. */
export const createOidcProviderAction = action({
  name: 'CreateOIDCProvider',
  version: IMS_VERSION,
  access: 'create',
  ramAction: 'ram:CreateOIDCProvider',
  target: { resources: providerResource },
  summary: 'Create an OpenID Connect provider: whose tokens roles may trust.',
  strict: false,
  input: z.object({
    OIDCProviderName: z.string().min(1),
    IssuerUrl: z.string().min(1),
    ClientIds: optionalList,
    Fingerprints: optionalList,
    Description: z.string().default(''),
    IssuanceLimitTime: optionalHours,
  }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run(input, context, services) {
    const row = await createOidcProvider(services, context, {
      name: input.OIDCProviderName,
      issuerUrl: input.IssuerUrl,
      clientIds: input.ClientIds ?? [],
      fingerprints: input.Fingerprints ?? [],
      description: input.Description,
      issuanceLimitHours: input.IssuanceLimitTime,
    })
    return { OIDCProvider: providerToWire(row) }
  },
})
