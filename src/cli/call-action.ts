import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { Credentials } from './credentials.ts'
import { CallRefusedError, UnreachableError } from './refusals.ts'

const EMPTY_SHA256 = createHash('sha256').digest('hex')

/**
 * Calls one action of a service like any client: signed with ACS3-HMAC-SHA256, all parameters in the query, each call with a
 * nonce and a date of its own.
 *
 * @throws CallRefusedError
 */
export async function callAction(
  { endpoint, credentials }: { readonly endpoint: string | undefined; readonly credentials: Credentials },
  version: string,
  action: string,
  input: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  if (endpoint === undefined) throw new CallRefusedError('set CHANCERY_ENDPOINT to the address of the service')
  const query = canonicalQuery(input)
  const headers = signedHeaders(credentials, { host: new URL(endpoint).host, version, action, query })
  let response: Response
  try {
    response = await fetch(`${endpoint}/?${query}`, { method: 'POST', headers })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    if (isUntrusted(error)) {
      throw new CallRefusedError(
        `${endpoint} shows a certificate that is not trusted here (${cause}): write the root to a file (chancery ca show --pem) ` +
          'and name the file in NODE_EXTRA_CA_CERTS',
        { cause: error },
      )
    }
    throw new UnreachableError(
      `${endpoint} does not answer: ${cause}. Is the service running? Set CHANCERY_ENDPOINT to reach another one.`,
      {
        cause: error,
      },
    )
  }
  const body = await readBody(endpoint, response)
  if (!response.ok) {
    const { Code, Message, RequestId } = body
    throw new CallRefusedError(`${action} was refused: ${String(Code)}: ${String(Message)} (request ${String(RequestId)})`)
  }
  return body
}

/** Whether a connection failed because of the server's certificate: node's codes of OpenSSL's verification. */
function isUntrusted(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && /CERT|SIGNATURE/.test(String(cause.code))
}

async function readBody(endpoint: string, response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>
  } catch {
    throw new CallRefusedError(`${endpoint} answered ${response.status} without JSON: is it a Chancery service?`)
  }
}

function signedHeaders(
  { accessKeyId, accessKeySecret, securityToken }: Credentials,
  call: { readonly host: string; readonly version: string; readonly action: string; readonly query: string },
): Record<string, string> {
  const headers: Record<string, string> = {
    host: call.host,
    'x-acs-action': call.action,
    'x-acs-content-sha256': EMPTY_SHA256,
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': call.version,
    ...(securityToken !== undefined && { 'x-acs-accesskey-id': accessKeyId, 'x-acs-security-token': securityToken }),
  }
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]}`)
  const canonical = ['POST', '/', call.query, ...lines, '', names.join(';'), EMPTY_SHA256].join('\n')
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', accessKeySecret).update(toSign).digest('hex')
  return { ...headers, Authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}` }
}

function canonicalQuery(input: Readonly<Record<string, string>>): string {
  return Object.entries(input)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}

/** RFC 3986, stricter than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
