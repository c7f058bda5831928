import { Problem } from '../problem.ts'
import { findAcmeAccountOfKey } from '../storage/acme-accounts.ts'
import { originOf } from '../storage/events.ts'
import { toAcmeAccount } from './accounts.ts'
import { parseContacts } from './contacts.ts'
import { findSponsor } from './external-account.ts'
import { type AcmeReply, type AcmeRequest, type DoorServices, type Handler, jsonReply, signingKeyOf } from './handler.ts'
import type { SigningKey } from './signing-key.ts'
import { renderAccount } from './show-account.ts'
import { parseStrictObject } from './strict-json.ts'
import { accountUrl } from './urls.ts'

/**
 * newAccount (RFC 8555 section 7.3): makes an account for the key that signed, or finds the one it has; then nothing else of the request
 * counts.
 */
export const newAccount: Handler = async (request, services) => {
  const payload = parseStrictObject(request.payload, 'The payload')
  const { onlyReturnExisting } = payload
  if (onlyReturnExisting !== undefined && typeof onlyReturnExisting !== 'boolean') {
    throw new Problem('acmeMalformed', { rule: 'onlyReturnExisting is true or false.' })
  }
  const key = signingKeyOf(request)
  const existing = await findExisting(request, services, key)
  if (existing !== undefined) return existing
  if (onlyReturnExisting === true) throw new Problem('acmeAccountNotFound')
  try {
    return await create(request, services, key, payload)
  } catch (error) {
    // The same key registers twice at a time: both get the one account.
    if (!(error instanceof Problem) || error.problem !== 'acmeKeyTaken') throw error
    return (await findExisting(request, services, key)) ?? Promise.reject(error)
  }
}

async function findExisting({ base }: AcmeRequest, { db }: DoorServices, key: SigningKey): Promise<AcmeReply | undefined> {
  const row = await findAcmeAccountOfKey(db.read, key.thumbprint)
  if (row === undefined) return undefined
  // A key does not come back under another account (own; RFC 8555 leaves it open).
  if (row.status !== 'valid') throw new Problem('acmeAccountClosed', { status: row.status })
  return jsonReply(200, renderAccount(base, toAcmeAccount(row)), { Location: accountUrl(base, row.id) })
}

async function create(
  { base, url, context }: AcmeRequest,
  services: DoorServices,
  key: SigningKey,
  payload: Readonly<Record<string, unknown>>,
): Promise<AcmeReply> {
  const { db, clock, settings } = services
  const contacts = parseContacts(payload['contact'])
  if (settings.acmeTerms !== undefined && payload['termsOfServiceAgreed'] !== true) throw new Problem('acmeTermsRequired')
  const id = await db.nextId('acme_accounts')
  const binding = payload['externalAccountBinding']
  const { caller, eabKeyId } = await findSponsor(services, binding, id, { key, url })
  await db.write.createAcmeAccount({
    acmeAccountId: id,
    accountId: caller.accountId,
    eabKeyId,
    thumbprint: key.thumbprint,
    jwk: key.jwk,
    contacts: JSON.stringify(contacts),
    binding: binding === undefined ? null : JSON.stringify(binding),
    origin: originOf({ ...context, caller }),
    eventId: await db.nextId('events'),
    now: clock(),
  })
  const account = { id, accountId: caller.accountId, eabKeyId, status: 'valid', contacts, binding } as const
  return jsonReply(201, renderAccount(base, account), { Location: accountUrl(base, id) })
}
