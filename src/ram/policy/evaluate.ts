import { prepareRequest, type PolicyRequest, type PreparedRequest } from './context.ts'
import type { Effect, PolicyDocument, Statement, StatementBase } from './document.ts'

export type { PolicyRequest } from './context.ts'

/** A document and where it is from, so that a decision can name it. */
export interface Named<Document> {
  /** The policy's name, e.g. `AliyunYundunCertFullAccess`. */
  readonly name: string
  /** The policy's version, e.g. `v1`. */
  readonly version: string
  readonly document: Document
}

export type NamedDocument = Named<PolicyDocument>

/** The statement that decided. */
export interface StatementReference {
  readonly policy: string
  readonly version: string
  /** From 0, as in JSON pointers. */
  readonly index: number
}

/** `AccessDeniedDetail.NoPermissionType`. */
export type NoPermissionType = 'ExplicitDeny' | 'ImplicitDeny'

/** Nothing decides an ImplicitDeny: no statement matched. */
export type PolicyDecision =
  | { readonly decision: 'Allow' | 'ExplicitDeny'; readonly statement: StatementReference }
  | { readonly decision: 'ImplicitDeny' }

/** Why a statement matched or not: everything must be true. */
export interface StatementExplanation extends StatementReference {
  readonly effect: Effect
  readonly matched: boolean
  readonly action: boolean
  readonly resource: boolean
  readonly conditions: readonly { readonly operator: string; readonly key: string; readonly matched: boolean }[]
}

/**
 * Decides one set of documents: a matching Deny refuses whatever else matches, else a matching Allow allows, else it is refused. The order
 * of documents and statements decides at most which of several matching statements is named.
 *
 * @throws Error if the request's resource is no ARN
 */
export function evaluate(documents: readonly NamedDocument[], request: PolicyRequest): PolicyDecision {
  return evaluatePrepared(documents, prepareRequest(request))
}

/** {@link evaluate} for a request that meets several sets of documents. */
export function evaluatePrepared(documents: readonly NamedDocument[], request: PreparedRequest): PolicyDecision {
  return decide(documents, (statement) => statementMatches(statement, request) && resourceMatches(statement, request))
}

/** {@link evaluate}, and for every statement what of it matched: for DecodeDiagnosticMessage, not for the hot path. */
export function explain(
  documents: readonly NamedDocument[],
  request: PolicyRequest,
): { readonly outcome: PolicyDecision; readonly statements: readonly StatementExplanation[] } {
  const prepared = prepareRequest(request)
  const statements = documents.flatMap(({ name, version, document }) =>
    document.statements.map((statement, index) => ({ policy: name, version, index, ...explainStatement(statement, prepared) })),
  )
  return { outcome: evaluatePrepared(documents, prepared), statements }
}

/**
 * The rule itself, for documents of any kind.
 *
 * @param matches whether a statement speaks of the request
 */
export function decide<Item extends StatementBase>(
  documents: readonly Named<{ readonly statements: readonly Item[] }>[],
  matches: (statement: Item) => boolean,
): PolicyDecision {
  let allowedBy: StatementReference | undefined
  for (const { name, version, document } of documents) {
    for (const [index, statement] of document.statements.entries()) {
      // Only a Deny can still change an Allow.
      if (statement.effect === 'Allow' && allowedBy !== undefined) continue
      if (!matches(statement)) continue
      const reference = { policy: name, version, index }
      if (statement.effect === 'Deny') return { decision: 'ExplicitDeny', statement: reference }
      allowedBy = reference
    }
  }
  return allowedBy === undefined ? { decision: 'ImplicitDeny' } : { decision: 'Allow', statement: allowedBy }
}

/** Whether action and conditions match: all that statements of both kinds have. */
export function statementMatches(statement: StatementBase, request: PreparedRequest): boolean {
  return (
    actionMatches(statement, request) &&
    statement.conditions.every((condition) => condition.matches(request.context.get(condition.normalKey)))
  )
}

function actionMatches({ actions }: StatementBase, { action }: PreparedRequest): boolean {
  return actions.matchers.some((matches) => matches(action)) !== actions.negated
}

function resourceMatches({ resources }: Statement, { resource }: PreparedRequest): boolean {
  return resources.matchers.some((matches) => matches(resource)) !== resources.negated
}

function explainStatement(statement: Statement, request: PreparedRequest): Omit<StatementExplanation, keyof StatementReference> {
  const action = actionMatches(statement, request)
  const resource = resourceMatches(statement, request)
  const conditions = statement.conditions.map(({ operator, key, normalKey, matches }) => ({
    operator,
    key,
    matched: matches(request.context.get(normalKey)),
  }))
  const matched = action && resource && conditions.every((condition) => condition.matched)
  return { effect: statement.effect, matched, action, resource, conditions }
}
