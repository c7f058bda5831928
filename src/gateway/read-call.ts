import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Problem } from '../problem.ts'
import type { Call } from './authenticator.ts'
import { decodeParameters, mergeParameters } from './parameters.ts'
import { readBody } from './read-body.ts'

/**
 * Reads and decodes one request: raw target, raw header values, body, parameters of query and form.
 *
 * A body counts as a form only under the form's content type.
 *
 * @throws Problem unsupportedHttpMethod, invalidAction (any path but `/`), requestTooLarge, contentMd5NotMatched, malformedParameters
 */
export async function readCall(req: IncomingMessage, limitBytes: number): Promise<Call> {
  const method = req.method ?? ''
  if (method !== 'GET' && method !== 'POST') throw new Problem('unsupportedHttpMethod')
  const target = req.url ?? ''
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  if (path !== '/') throw new Problem('invalidAction')
  const body = await readBody(req, limitBytes)
  const headers = readHeaders(req.rawHeaders)
  assertMd5Fits(headers.get('content-md5'), body)
  const query = mark === -1 ? [] : decodeParameters(target.slice(mark + 1))
  const form = isForm(headers.get('content-type')) ? decodeParameters(Buffer.from(body).toString('latin1')) : []
  return { method, path, headers, query, form, parameters: mergeParameters(query, form), body }
}

/** Node folds repeated headers each in its own way; signatures need one rule. */
function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

function assertMd5Fits(declared: string | undefined, body: Uint8Array): void {
  if (declared && declared !== hash('md5', body, 'base64')) throw new Problem('contentMd5NotMatched')
}

function isForm(contentType: string | undefined): boolean {
  return /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '')
}
