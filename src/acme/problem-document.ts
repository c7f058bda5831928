import { type AcmeErrorType, Problem, type ProblemRow, problems } from '../problem.ts'
import type { StoredProblem } from '../orders/acme/views.ts'
import { signingAlgorithms } from './jws.ts'

/** A problem document (RFC 7807, RFC 8555 section 6.7). */
export interface ProblemDocument {
  readonly type: string
  readonly detail: string
  readonly status: number
  readonly subproblems?: readonly (Omit<ProblemDocument, 'status'> & { readonly identifier: { type: string; value: string } })[]
  /** Of `badSignatureAlgorithm` alone (RFC 8555 section 6.2). */
  readonly algorithms?: readonly string[]
}

export function documentOf(problem: Problem): ProblemDocument {
  const { type, status } = acmeErrorOf(problem)
  return {
    type: `urn:ietf:params:acme:error:${type}`,
    detail: problem.message,
    status,
    ...(type === 'badSignatureAlgorithm' && { algorithms: signingAlgorithms }),
    ...(problem.subproblems.length > 0 && {
      subproblems: problem.subproblems.map(({ identifier, problem: inner }) => {
        const { status: _status, ...document } = documentOf(inner)
        return { ...document, identifier }
      }),
    }),
  }
}

/** The document of a problem that was stored with an order or a challenge. */
export function documentOfStored({ problem, params }: StoredProblem): ProblemDocument {
  return documentOf(new Problem(problem, params))
}

/** What the door sends for a problem: its column of the table, or what follows from its status. */
export function acmeErrorOf(problem: Problem): { readonly type: AcmeErrorType; readonly status: number } {
  if (problem.problem === 'throttling') return { type: 'rateLimited', status: 429 }
  const row: ProblemRow = problems[problem.problem]
  return row.acme ?? fromStatus(row.status)
}

function fromStatus(status: number): { readonly type: AcmeErrorType; readonly status: number } {
  if (status >= 500) return { type: 'serverInternal', status }
  if (status === 401 || status === 403) return { type: 'unauthorized', status: 403 }
  // Clients take any 409 for a conflict with a Location.
  return { type: 'malformed', status: status === 409 ? 400 : status }
}
