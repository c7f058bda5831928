import type { Action } from '../../gateway/action.ts'
import { addClientIdToOidcProviderAction } from './add-client-id-to-oidc-provider.ts'
import { addFingerprintToOidcProviderAction } from './add-fingerprint-to-oidc-provider.ts'
import { createOidcProviderAction } from './create-oidc-provider.ts'
import { deleteOidcProviderAction } from './delete-oidc-provider.ts'
import { getOidcProviderAction } from './get-oidc-provider.ts'
import { listOidcProvidersAction } from './list-oidc-providers.ts'
import { removeClientIdFromOidcProviderAction } from './remove-client-id-from-oidc-provider.ts'
import { removeFingerprintFromOidcProviderAction } from './remove-fingerprint-from-oidc-provider.ts'
import { updateOidcProviderAction } from './update-oidc-provider.ts'

/** OpenID Connect providers: IMS, version 2019-08-15. */
export const imsActions: readonly Action[] = [
  createOidcProviderAction,
  getOidcProviderAction,
  listOidcProvidersAction,
  updateOidcProviderAction,
  deleteOidcProviderAction,
  addClientIdToOidcProviderAction,
  removeClientIdFromOidcProviderAction,
  addFingerprintToOidcProviderAction,
  removeFingerprintFromOidcProviderAction,
]
