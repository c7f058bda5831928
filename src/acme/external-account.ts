import type { Caller } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import { callerOfEabKey, isUsable, toEabKey } from '../ram/eab/eab-key.ts'
import { rootPrincipal } from '../ram/principals.ts'
import { findAccount } from '../storage/accounts.ts'
import { findEabKeyOfAny } from '../storage/eab-keys.ts'
import type { DoorServices } from './handler.ts'
import type { SigningKey } from './signing-key.ts'
import { hasMac, macAlgorithms, readFlattened } from './jws.ts'
import { readSigningKey } from './signing-key.ts'
import { parseStrictJson } from './strict-json.ts'

/** Whose account a new one becomes: the tenant's by an external account key, or the default account's. */
export interface Sponsor {
  readonly eabKeyId: string | null
  readonly caller: Caller
}

type SponsorServices = Pick<DoorServices, 'db' | 'sealer' | 'settings' | 'clock'>

/**
 * Finds out who pays for a new account (RFC 8555 section 7.3.4).
 *
 * @param binding the member `externalAccountBinding` as it came
 * @param outer the key of the new account, and the URL that its request was signed for
 * @throws Problem acmeBindingRequired, acmeMalformed, acmeBadBinding, eabKeyUnusable, callerInactive
 */
export async function findSponsor(
  services: SponsorServices,
  binding: unknown,
  acmeAccountId: number,
  outer: { readonly key: SigningKey; readonly url: string },
): Promise<Sponsor> {
  if (binding === undefined) return await findDefault(services, acmeAccountId)
  const { db, sealer, clock } = services
  const jws = readFlattened(binding)
  const { alg, kid, url, nonce } = jws.header
  if (!macAlgorithms.some((name) => name === alg)) throw bad(`It is signed with one of ${macAlgorithms.join(', ')}.`)
  if (nonce !== undefined) throw bad('It has no nonce.')
  if (url !== outer.url) throw bad('Its url is that of the request around it.')
  if (readSigningKey(parseStrictJson(jws.payload, 'The payload of the external account binding')).thumbprint !== outer.key.thumbprint) {
    throw bad('Its payload is the key that signed the request around it.')
  }
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) throw bad('Its kid is the id of an external account key.')
  const row = await findEabKeyOfAny(db.read, kid)
  if (row?.mac_sealed == null) throw new Problem('eabKeyUnusable')
  const mac = sealer.open(row.mac_sealed, { purpose: 'accessKey', accountId: row.account_id, id: `eab-${row.id}` })
  const isRight = hasMac(jws, mac)
  mac.fill(0)
  if (!isRight) throw bad('Its MAC is wrong.')
  // Only who knows the MAC key learns what has become of it.
  if (!isUsable(row, clock())) throw new Problem('eabKeyUnusable')
  if (row.account_status !== 'active') throw new Problem('callerInactive')
  return { eabKeyId: row.id, caller: callerOfEabKey(toEabKey(row), acmeAccountId) }
}

async function findDefault({ db, settings }: SponsorServices, acmeAccountId: number): Promise<Sponsor> {
  const accountId = settings.acmeDefaultAccount
  if (settings.acmeEab === 'required' || accountId === undefined) throw new Problem('acmeBindingRequired')
  if ((await findAccount(db.read, accountId))?.status !== 'active') throw new Problem('callerInactive')
  return {
    eabKeyId: null,
    caller: { accountId, principal: rootPrincipal(accountId), accessKeyId: '', identity: { kind: 'account' }, acmeAccountId },
  }
}

function bad(rule: string): Problem {
  return new Problem('acmeBadBinding', { rule })
}
