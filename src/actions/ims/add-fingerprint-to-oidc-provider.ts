import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Add a fingerprint to an OpenID Connect provider; it is no error if it is there already. */
export const addFingerprintToOidcProviderAction = action({
  name: 'AddFingerprintToOIDCProvider',
  version: IMS_VERSION,
  access: 'update',
  ramAction: 'ram:AddFingerprintToOIDCProvider',
  target: { resources: providerResource },
  summary: 'Add a fingerprint to an OpenID Connect provider; it is no error if it is there already.',
  strict: false,
  input: z.object({ OIDCProviderName: z.string().min(1), Fingerprint: z.string().min(1) }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run({ OIDCProviderName, Fingerprint }, context, services) {
    const row = await updateOidcProvider(services, context, OIDCProviderName, ({ fingerprints }) => ({
      fingerprints: [...fingerprints, Fingerprint],
    }))
    return { OIDCProvider: providerToWire(row) }
  },
})
