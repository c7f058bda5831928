import { findRenewalWindow } from '../orders/acme/renewal-info.ts'
import { type Handler, jsonReply } from './handler.ts'
import { formatInstant } from './urls.ts'

/** Six hours: what RFC 9773 section 4.3 recommends. */
const ASK_AGAIN_S = 21_600

/** `/acme/renewal-info/<certID>`: when to renew a certificate, told to anybody (RFC 9773 section 4). */
export const renewalInfo: Handler = async ({ params }, services) => {
  const { start, end } = await findRenewalWindow(services, params[0] ?? '')
  return jsonReply(
    200,
    { suggestedWindow: { start: formatInstant(start), end: formatInstant(end) } },
    { 'Retry-After': String(ASK_AGAIN_S) },
  )
}
