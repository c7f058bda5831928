import type { IncomingMessage } from 'node:http'
import type { RequestContext } from '../gateway/caller.ts'
import { Problem } from '../problem.ts'
import type { CallLimits } from '../ram/call-limits.ts'
import type { AcmeAccount } from './accounts.ts'
import type { AcmeRequest, DoorServices } from './handler.ts'
import { assertSigned, type Jws, readAlgorithm, readJws } from './jws.ts'
import type { Nonces } from './nonces.ts'
import { readBody } from './read-body.ts'
import type { Resource } from './resources.ts'
import { readSigningKey, type SigningKey } from './signing-key.ts'
import { basesOf, readAccountUrl } from './urls.ts'

/** What is known of a request before its body. */
export interface Arrival {
  readonly req: IncomingMessage
  readonly resource: Resource
  readonly params: readonly string[]
  readonly query: string
  /** Of nobody. */
  readonly context: RequestContext
}

interface AdmitPorts {
  readonly services: DoorServices
  readonly nonces: Nonces
  readonly limits: CallLimits
}

/**
 * Takes a POST in (RFC 8555 section 6): form, URL, nonce, key, signature, use of the nonce, limits, in this order: what somebody else repeats
 * spends nothing of an account's limit. A bare key is limited by its address, and before: anybody can make such keys, and what is over the limit
 * takes no place in the guard. Nor does a nonce that is not ours, or a wrong signature from an address that has had too many; any other one uses
 * the nonce up.
 *
 * @throws Problem of the first check that fails
 */
export async function admitRequest(arrival: Arrival, ports: AdmitPorts): Promise<AcmeRequest> {
  const { req, resource, context } = arrival
  const { limits, nonces, services } = ports
  if (!/^application\/jose\+json *(?:;|$)/i.test(req.headers['content-type'] ?? '')) throw new Problem('acmeMediaType')
  if (!resource.neverStarved) refuseOverLimit(limits.admitAddress(context.sourceIp))
  const jws = readJws(await readBody(req))
  readAlgorithm(jws)
  const bases = basesOf(services, req)
  const { url, base } = assertOwnUrl(jws, bases, req.url ?? '')
  const nonce = nonces.takeOwn(jws.header['nonce']) ?? (await nonces.assertGenuine(jws.header['nonce']))
  const named = readSigner(jws, resource, bases)
  const signer =
    typeof named === 'number' ? { account: services.accounts.known(named) ?? (await loadAccount(named, services)) } : { jwk: named }
  try {
    assertSigned(jws, 'account' in signer ? signer.account.key : signer.jwk)
  } catch (error) {
    refuseOverLimit(limits.admitAddress(context.sourceIp))
    await nonces.use(nonce)
    throw error
  }
  const { params, query } = arrival
  const request = { payload: jws.payload, params, query, headers: req.headers, base, url, ...identify(signer, jws, context) }
  const count = (name: string) => refuseOverLimit(limits.admit(request.context.caller, { name }, context.sourceIp))
  if ('jwk' in signer) count(resource.neverStarved ? `${resource.name}ByKey` : resource.name)
  await nonces.use(nonce)
  if ('account' in signer) count(resource.name)
  if (resource.onlyShows && jws.payload.length > 0) throw new Problem('acmeMalformed', { rule: 'POST-as-GET has an empty payload.' })
  return request
}

function assertOwnUrl({ header }: Jws, bases: readonly string[], path: string): { url: string; base: string } {
  const { url } = header
  if (typeof url !== 'string') throw new Problem('acmeMalformed', { rule: 'The protected header has no url.' })
  const base = bases.find((one) => url === `${one}${path}`)
  if (base === undefined) throw new Problem('acmeUnauthorized', { rule: 'The url that was signed is not that of the request.' })
  return { url, base }
}

type Signer = { readonly account: AcmeAccount } | { readonly jwk: SigningKey }

/** The bare key, or the id of the account that is named. @throws Problem acmeMalformed, acmeBadPublicKey, acmeAccountNotFound */
function readSigner({ header }: Jws, { signedBy }: Resource, bases: readonly string[]): SigningKey | number {
  const { jwk, kid } = header
  if ((jwk === undefined) === (kid === undefined)) throw malformed('The protected header has either jwk or kid.')
  if (jwk !== undefined) {
    if (signedBy === 'account') throw malformed('This resource wants requests of accounts: kid instead of jwk.')
    return readSigningKey(jwk)
  }
  if (signedBy === 'key') throw malformed('This resource wants jwk instead of kid.')
  if (typeof kid !== 'string') throw malformed('kid is the URL of an account.')
  const id = readAccountUrl(bases, kid)
  if (id === undefined) throw new Problem('acmeAccountNotFound')
  return id
}

async function loadAccount(id: number, { accounts }: DoorServices): Promise<AcmeAccount> {
  const account = await accounts.find(id)
  if (account === undefined) throw new Problem('acmeAccountNotFound')
  return account
}

/** @throws Problem acmeAccountClosed, callerInactive */
function identify(signer: Signer, { header }: Jws, context: RequestContext): Pick<AcmeRequest, 'caller' | 'jwk' | 'kid' | 'context'> {
  if (!('account' in signer)) return { jwk: signer.jwk, context }
  const { id, status, key, eabKeyId, caller } = signer.account
  if (status !== 'valid') throw new Problem('acmeAccountClosed', { status })
  if (caller === undefined) throw new Problem('callerInactive')
  const own = { ...context, caller }
  return { caller: { acmeAccountId: id, thumbprint: key.thumbprint, eabKeyId, context: own }, context: own, kid: String(header['kid']) }
}

/** @throws Problem throttling */
export function refuseOverLimit(retryAfterMs: number | undefined): void {
  if (retryAfterMs !== undefined) throw new Problem('throttling', { retryAfterMs: String(Math.ceil(retryAfterMs)) })
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
