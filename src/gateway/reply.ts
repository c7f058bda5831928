import type { ServerResponse } from 'node:http'
import type { Problem } from '../problem.ts'
import { writeXml } from './xml.ts'

/** The form of an answer. */
export type Format = 'JSON' | 'XML'

/** One rendered answer. */
export interface Reply {
  readonly status: number
  readonly format: Format
  readonly body: string
  /** Sent as `x-acs-retry-after`: milliseconds after which a throttled client may try again. */
  readonly retryAfterMs?: string | undefined
  /** End the connection after this answer. */
  readonly close?: boolean
}

const contentTypes = { JSON: 'application/json;charset=utf-8', XML: 'text/xml;charset=utf-8' } as const satisfies Record<Format, string>

/** Renders a success: `RequestId` first, the fields of the action beside it, no wrapper. */
export function renderSuccess(name: string, requestId: string, format: Format, fields: Readonly<Record<string, unknown>>): Reply {
  const body = { RequestId: requestId, ...fields }
  return { status: 200, format, body: format === 'JSON' ? JSON.stringify(body) : writeXml(`${name}Response`, body) }
}

/** Where a failed call went: for `HostId`. */
export interface FailedCall {
  readonly requestId: string
  readonly host: string | undefined
  readonly format: Format
}

/** Renders an error: five fields, and `AccessDeniedDetail` if permissions were the reason and the problem tells more. */
export function renderProblem(problem: Problem, call: FailedCall): Reply {
  const { requestId, host, format } = call
  const code = problem.code
  const fields = {
    RequestId: requestId,
    HostId: readHostId(host),
    Code: code,
    Message: problem.message,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(code)}&product=cas&requestId=${requestId}`,
    ...accessDeniedDetail(problem),
  }
  return {
    status: problem.status,
    format,
    body: format === 'JSON' ? JSON.stringify(fields) : writeXml('Error', fields, ['Recommend']),
    retryAfterMs: problem.problem === 'throttling' ? problem.params['retryAfterMs'] : undefined,
  }
}

/** The Host header is the client's: only what a host can look like is sent back. */
function readHostId(host: string | undefined): string {
  return host !== undefined && /^[A-Za-z0-9._:[\]-]{1,255}$/.test(host) ? host : ''
}

const detailNames = [
  'AuthAction',
  'AuthPrincipalType',
  'AuthPrincipalOwnerId',
  'AuthPrincipalDisplayName',
  'PolicyType',
  'NoPermissionType',
  'EncodedDiagnosticMessage',
] as const

/** A refusal carries its detail in the parameters of the problem, under the names of the wire. */
function accessDeniedDetail(problem: Problem): { AccessDeniedDetail?: Record<string, string> } {
  if (problem.problem !== 'noPermission') return {}
  const given = detailNames.flatMap((name) => {
    const value = problem.params[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return given.length === 0 ? {} : { AccessDeniedDetail: Object.fromEntries(given) }
}

/** Sends a rendered answer. Bodies are never empty: clients fail on that. */
export function sendReply(res: ServerResponse, requestId: string, reply: Reply): void {
  const body = Buffer.from(reply.body)
  const headers: Record<string, string | number> = {
    'Content-Type': contentTypes[reply.format],
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'x-acs-request-id': requestId,
  }
  if (reply.retryAfterMs !== undefined) headers['x-acs-retry-after'] = reply.retryAfterMs
  if (reply.close === true) headers['Connection'] = 'close'
  res.writeHead(reply.status, headers).end(body)
}
