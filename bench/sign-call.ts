import { createHash, createHmac, randomUUID } from 'node:crypto'

/** One API call, and who makes it. */
export interface CallToSign {
  readonly host: string
  readonly accessKeyId: string
  readonly secret: string
  readonly version: string
  readonly action: string
  readonly input: Readonly<Record<string, string>>
}

/** A signed POST to `/`: the target with its query, and the headers. It has no body. */
export interface SignedCall {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

const EMPTY_SHA256 = createHash('sha256').digest('hex')

/** Signs a call by ACS3-HMAC-SHA256, all parameters in the query. Written apart from the code under test, as any client is. */
export function signAcs3(call: CallToSign): SignedCall {
  const query = canonicalQuery(call.input)
  const headers: Record<string, string> = {
    host: call.host,
    'x-acs-action': call.action,
    'x-acs-content-sha256': EMPTY_SHA256,
    'x-acs-date': timestamp(),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': call.version,
  }
  const names = Object.keys(headers).sort()
  const canonical = ['POST', '/', query, ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), EMPTY_SHA256].join('\n')
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', call.secret).update(toSign).digest('hex')
  const credential = `Credential=${call.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`
  return { path: query === '' ? '/' : `/?${query}`, headers: { ...headers, authorization: `ACS3-HMAC-SHA256 ${credential}` } }
}

/** Signs a call by RPC V1 with HMAC-SHA1, all parameters in the query. */
export function signRpcV1(call: CallToSign): SignedCall {
  const query = canonicalQuery({
    ...call.input,
    Action: call.action,
    Version: call.version,
    AccessKeyId: call.accessKeyId,
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: timestamp(),
  })
  const signature = createHmac('sha1', `${call.secret}&`)
    .update(`POST&%2F&${encode(query)}`)
    .digest('base64')
  return { path: `/?${query}&Signature=${encode(signature)}`, headers: { host: call.host } }
}

function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

function canonicalQuery(input: Readonly<Record<string, string>>): string {
  return Object.entries(input)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
