import { type Revoker, revokeAcmeCertificate } from '../orders/acme/revoke-acme-certificate.ts'
import { Problem } from '../problem.ts'
import type { AcmeRequest, Handler } from './handler.ts'
import { parseStrictObject } from './strict-json.ts'

/** `/acme/revoke-cert`: signed by an account, or by the certificate's own key (RFC 8555 section 7.6). */
export const revokeCert: Handler = async (request, services) => {
  await revokeAcmeCertificate(services, revokerOf(request), parseStrictObject(request.payload, 'The payload'))
  return { status: 200 }
}

function revokerOf({ caller, jwk, context }: AcmeRequest): Revoker {
  if (caller !== undefined) return { kind: 'account', caller }
  if (jwk === undefined) throw new Problem('acmeMalformed', { rule: 'A revocation is signed: the request needs a kid or a jwk.' })
  return { kind: 'key', key: jwk.key, context }
}
