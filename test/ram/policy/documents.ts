import type { Named, NamedDocument, PolicyRequest } from '../../../src/ram/policy/evaluate.ts'
import { parsePolicyDocument } from '../../../src/ram/policy/parse-policy.ts'
import type { TrustDocument } from '../../../src/ram/policy/document.ts'

export const account = 1234567890123456

/** A statement as it is written, with what most tests do not care about filled in. */
export function statement(given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    Effect: 'Allow',
    ...('NotAction' in given ? {} : { Action: '*' }),
    ...('NotResource' in given ? {} : { Resource: '*' }),
    ...given,
  }
}

export function named(statements: readonly object[], name = 'tested'): NamedDocument {
  return { name, version: 'v1', document: parsePolicyDocument(documentText(statements), { setOperators: true }) }
}

export function namedTrust(statements: readonly object[]): Named<TrustDocument> {
  return { name: 'trust', version: 'v1', document: parsePolicyDocument(documentText(statements), { setOperators: true, kind: 'trust' }) }
}

export function documentText(statements: readonly object[]): string {
  return JSON.stringify({ Version: '1', Statement: statements })
}

export function request(given: Partial<PolicyRequest> = {}): PolicyRequest {
  return { action: 'yundun-cert:ListCsr', resource: `acs:yundun-cert:*:${account}:*`, context: {}, ...given }
}
