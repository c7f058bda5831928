import { CHAINS, readChain } from '../orders/acme/read-chains.ts'
import { Problem } from '../problem.ts'
import { callerOf, type Handler } from './handler.ts'
import { readId } from './urls.ts'

const chains = Array.from({ length: CHAINS }, (_, chain) => chain)

/**
 * `/acme/certificate/<id>` and `/acme/certificate/<id>/<alternate>`: a certificate of the account with one of its chains (RFC 8555 section 7.4.2).
 * There is one media type: `Accept` is not looked at.
 */
export const certificate: Handler = async (request, services) => {
  const { params, base } = request
  const [certificateId, alternate] = [readId(params[0]), params[1] === undefined ? 0 : readId(params[1])]
  if (certificateId === undefined || alternate === undefined) throw new Problem('notFoundCertificate')
  const body = await readChain(services, callerOf(request), certificateId, alternate)
  const url = `${base}/acme/certificate/${certificateId}`
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/pem-certificate-chain',
      Link: chains.filter((chain) => chain !== alternate).map((chain) => `<${chain === 0 ? url : `${url}/${chain}`}>;rel="alternate"`),
    },
    body,
  }
}
