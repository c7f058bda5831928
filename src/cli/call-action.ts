import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { Settings } from '../config.ts'

/** The service, or the way to it, refused a call. The message is for the user. */
export class CallRefusedError extends Error {
  override readonly name = 'CallRefusedError'
}

const EMPTY_SHA256 = createHash('sha256').digest('hex')

/**
 * Calls one action of a service like any client: signed with ACS3-HMAC-SHA256, all parameters in the query.
 * The key comes from ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, as the aliyun CLI reads them.
 *
 * @throws CallRefusedError
 */
export async function callAction(
  settings: Settings,
  version: string,
  action: string,
  input: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { endpoint } = settings
  if (endpoint === undefined) throw new CallRefusedError('set CHANCERY_ENDPOINT to the address of the service')
  const query = canonicalQuery(input)
  let response: Response
  try {
    response = await fetch(`${endpoint}/?${query}`, {
      method: 'POST',
      headers: signedHeaders(new URL(endpoint).host, version, action, query),
    })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new CallRefusedError(`${endpoint} does not answer: ${cause}. Is the service running? Set CHANCERY_ENDPOINT to reach another one.`)
  }
  const body = (await response.json()) as Record<string, unknown>
  if (!response.ok) {
    throw new CallRefusedError(
      `${action} was refused: ${String(body['Code'])}: ${String(body['Message'])} (request ${String(body['RequestId'])})`,
    )
  }
  return body
}

function signedHeaders(host: string, version: string, action: string, query: string): Record<string, string> {
  const accessKeyId = process.env['ALIBABA_CLOUD_ACCESS_KEY_ID']
  const secret = process.env['ALIBABA_CLOUD_ACCESS_KEY_SECRET']
  if (!accessKeyId || !secret) {
    throw new CallRefusedError('set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to the access key that signs the call')
  }
  const headers: Record<string, string> = {
    host,
    'x-acs-action': action,
    'x-acs-content-sha256': EMPTY_SHA256,
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': version,
  }
  const names = Object.keys(headers).sort()
  const canonical = ['POST', '/', query, ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), EMPTY_SHA256].join('\n')
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', secret).update(toSign).digest('hex')
  return { ...headers, Authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}` }
}

function canonicalQuery(input: Readonly<Record<string, string>>): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return Object.entries(input)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}
