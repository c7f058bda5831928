import type { Problem, ProblemName } from '../problem.ts'
import type { Services } from '../services.ts'
import type { AcmeReply } from './handler.ts'
import { documentOf } from './problem-document.ts'
import { accountUrl } from './urls.ts'

/** After how many seconds it is worth another try, where the limit itself does not say: what frees units or orders takes minutes. */
const retryAfterS: Partial<Record<ProblemName, number>> = { tooManyOpenOrders: 60, notRemainCount: 600 }

/** A problem document, and the headers that belong to it. */
export function problemReply(problem: Problem, base: string, { settings }: Pick<Services, 'settings'>): AcmeReply {
  const document = documentOf(problem)
  const { id, methods, retryAfterMs } = problem.params
  const { acmeTerms, acmeWebsite } = settings
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
  if (problem.problem === 'acmeKeyTaken' && id !== undefined) headers['Location'] = accountUrl(base, Number(id))
  if (problem.problem === 'acmeMethod' && methods !== undefined) headers['Allow'] = methods
  if (problem.problem === 'acmeTermsRequired' && acmeTerms !== undefined) headers['Link'] = `<${acmeTerms}>;rel="terms-of-service"`
  if (document.status === 429) {
    headers['Retry-After'] = String(retryAfterS[problem.problem] ?? Math.ceil(Number(retryAfterMs ?? 1000) / 1000))
    if (acmeWebsite !== undefined) headers['Link'] = `<${acmeWebsite}>;rel="help"`
  }
  if (problem.problem === 'requestTooLarge') headers['Connection'] = 'close'
  return { status: document.status, headers, body: JSON.stringify(document) }
}

/** What a browser asks before it lets a script of another origin post (RFC 8555 section 6.1). */
export function preflight(methods: readonly string[]): AcmeReply {
  return {
    status: 204,
    headers: {
      Allow: methods.join(', '),
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': '86400',
    },
  }
}
