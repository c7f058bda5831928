import { z } from 'zod'
import { action } from '../../gateway/action.ts'
import { updateOidcProvider } from '../../ram/oidc/change-provider.ts'
import { IMS_VERSION } from '../versions.ts'
import { providerFields, providerResource, providerToWire } from './provider-fields.ts'

/** Remove a fingerprint from an OpenID Connect provider; it is no error if it is not there. */
export const removeFingerprintFromOidcProviderAction = action({
  name: 'RemoveFingerprintFromOIDCProvider',
  version: IMS_VERSION,
  access: 'update',
  ramAction: 'ram:RemoveFingerprintFromOIDCProvider',
  target: { resources: providerResource },
  summary: 'Remove a fingerprint from an OpenID Connect provider; it is no error if it is not there.',
  strict: false,
  input: z.object({ OIDCProviderName: z.string().min(1), Fingerprint: z.string().min(1) }),
  output: z.object({ OIDCProvider: providerFields }),
  problems: ['invalidRamValue', 'limitExceeded', 'oidcProviderExists', 'oidcIssuerExists', 'entityNotExist', 'callerInactive'],
  async run({ OIDCProviderName, Fingerprint }, context, services) {
    const row = await updateOidcProvider(services, context, OIDCProviderName, ({ fingerprints }) => ({
      fingerprints: fingerprints.filter((one) => one !== Fingerprint),
    }))
    return { OIDCProvider: providerToWire(row) }
  },
})
