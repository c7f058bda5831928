import type { Services } from '../services.ts'
import { type Handler, jsonReply } from './handler.ts'

/** The directory (RFC 8555 section 7.1.1), with one member of a random name: clients learn to pass over what they do not know. */
export const directory: Handler = ({ base }, services) =>
  Promise.resolve(
    jsonReply(
      200,
      {
        newNonce: `${base}/acme/new-nonce`,
        newAccount: `${base}/acme/new-account`,
        newOrder: `${base}/acme/new-order`,
        revokeCert: `${base}/acme/revoke-cert`,
        keyChange: `${base}/acme/key-change`,
        renewalInfo: `${base}/acme/renewal-info`,
        meta: metaOf(services),
        [Buffer.from(services.randomBytes(8)).toString('base64url')]: 'https://www.rfc-editor.org/rfc/rfc8555#section-7.1.1',
      },
      { 'Cache-Control': 'no-cache' },
    ),
  )

function metaOf({ settings, catalogue }: Pick<Services, 'settings' | 'catalogue'>): object {
  const { acmeTerms, acmeWebsite, acmeCaaIdentities } = settings
  return {
    ...(acmeTerms !== undefined && { termsOfService: acmeTerms }),
    ...(acmeWebsite !== undefined && { website: acmeWebsite }),
    ...(acmeCaaIdentities !== undefined && { caaIdentities: acmeCaaIdentities.split(',') }),
    externalAccountRequired: settings.acmeEab === 'required',
    // draft-ietf-acme-profiles: a profile is a product.
    profiles: Object.fromEntries(
      catalogue
        .list()
        .filter(({ level }) => level === 'DV')
        .map(({ code, name }) => [code, name]),
    ),
  }
}

/** newNonce (RFC 8555 section 7.2); the door adds the nonce. */
export const newNonce: Handler = () => Promise.resolve({ status: 204 })
