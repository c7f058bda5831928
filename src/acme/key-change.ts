import { Problem } from '../problem.ts'
import { findAcmeAccountOfKey } from '../storage/acme-accounts.ts'
import { prepareChange } from './account.ts'
import { callerOf, type Handler, jsonReply } from './handler.ts'
import { assertSigned, readFlattened } from './jws.ts'
import { renderAccount } from './show-account.ts'
import { readSigningKey } from './signing-key.ts'
import { parseStrictJson, parseStrictObject } from './strict-json.ts'
import { accountUrl } from './urls.ts'

/** keyChange (RFC 8555 section 7.3.5): the old key signs around what the new key signed. */
export const keyChange: Handler = async (request, services) => {
  const { acmeAccountId, thumbprint } = callerOf(request)
  const inner = readFlattened(parseStrictJson(request.payload, 'The payload'))
  const { jwk, kid, nonce, url } = inner.header
  if (jwk === undefined || kid !== undefined) throw malformed('The inner JWS names its key by jwk alone.')
  if (nonce !== undefined) throw malformed('The inner JWS has no nonce.')
  if (url !== request.url) throw malformed('The url of the inner JWS is that of the outer one.')
  const key = readSigningKey(jwk)
  assertSigned(inner, key)
  const { account, oldKey } = parseStrictObject(inner.payload, 'The payload of the inner JWS')
  if (account !== request.kid) throw malformed('account is the kid of the outer JWS.')
  if (readSigningKey(oldKey).thumbprint !== thumbprint) throw malformed('oldKey is the key of the account.')

  const { db, accounts } = services
  try {
    if (key.thumbprint === thumbprint) throw new Problem('acmeKeyTaken', { id: String(acmeAccountId) })
    const change = await prepareChange(request, services, acmeAccountId)
    await db.write.changeAcmeKey({ ...change, oldThumbprint: thumbprint, thumbprint: key.thumbprint, jwk: key.jwk })
  } catch (error) {
    if (!(error instanceof Problem) || error.problem !== 'acmeKeyTaken') throw error
    const owner = await findAcmeAccountOfKey(db.read, key.thumbprint)
    throw new Problem('acmeKeyTaken', { id: String(owner?.id ?? acmeAccountId) }, { cause: error })
  } finally {
    accounts.forget(acmeAccountId)
  }
  const changed = await accounts.find(acmeAccountId)
  if (changed === undefined) throw new Error(`the ACME account ${acmeAccountId} is gone`)
  return jsonReply(200, renderAccount(request.base, changed), { Location: accountUrl(request.base, acmeAccountId) })
}

function malformed(rule: string): Problem {
  return new Problem('acmeMalformed', { rule })
}
