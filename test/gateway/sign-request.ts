import { createHash, createHmac } from 'node:crypto'
import type { WireRequest } from './load-vectors.ts'

/** Encodes octet by octet as the public signature pages say; on purpose not with the code under test. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((octet) => {
      const sign = String.fromCharCode(octet)
      return octet < 0x80 && /[A-Za-z0-9\-_.~]/.test(sign) ? sign : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

const join = (pairs: readonly (readonly [string, string])[]) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
const byName = ([a]: readonly [string, string], [b]: readonly [string, string]) => Number(a > b) - Number(a < b)

export interface SigningOptions {
  readonly secret?: string
  readonly method?: string
  /** Where the parameters travel. */
  readonly place?: 'query' | 'form'
  /** Parameters or headers that replace the common ones; undefined leaves one out. */
  readonly common?: Readonly<Record<string, string | undefined>>
}

let nonces = 0

/** Signs one call by RPC V1 at the time of the tests' clock. */
export function signRpcV1(action: string, parameters: Readonly<Record<string, string>>, options: SigningOptions = {}): WireRequest {
  const { secret = 'testsecret', method = 'POST', place = 'query', common = {} } = options
  const all: Record<string, string | undefined> = {
    Action: action,
    Version: '2020-04-07',
    AccessKeyId: 'testid',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: `rpc-${++nonces}`,
    Timestamp: '2026-01-15T08:00:00Z',
    ...parameters,
    ...common,
  }
  const pairs = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const stringToSign = `${method}&${encode('/')}&${encode(join(pairs.toSorted(byName)))}`
  const signature = createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64')
  const encoded = join([...pairs, ['Signature', signature] as const])
  if (place === 'query') return { method, target: `/?${encoded}`, headers: [host], bodyBase64: '' }
  return { method, target: '/', headers: [host, formType], bodyBase64: Buffer.from(encoded).toString('base64') }
}

const host: [string, string] = ['Host', 'cas.example.test:8080']
const formType: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded']

/** Signs one call by ACS3 at the time of the tests' clock. */
export function signAcs3(action: string, parameters: Readonly<Record<string, string>>, options: SigningOptions = {}): WireRequest {
  const { secret = 'testsecret', method = 'POST', place = 'query', common = {} } = options
  const encoded = join(Object.entries(parameters).toSorted(byName))
  const body = place === 'form' ? encoded : ''
  const all: Record<string, string | undefined> = {
    host: 'cas.example.test:8080',
    'x-acs-action': action,
    'x-acs-version': '2020-04-07',
    'x-acs-date': '2026-01-15T08:00:00Z',
    'x-acs-signature-nonce': `acs3-${++nonces}`,
    'x-acs-content-sha256': createHash('sha256').update(body).digest('hex'),
    ...(place === 'form' && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...common,
  }
  const headers = Object.entries(all).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))
  const names = headers.map(([name]) => name).toSorted()
  const lines = names.map((name) => `${name}:${all[name]}\n`).join('')
  const query = place === 'query' ? encoded : ''
  const canonical = [method, '/', query, lines, names.join(';'), all['x-acs-content-sha256']].join('\n')
  const stringToSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`
  const signature = createHmac('sha256', secret).update(stringToSign).digest('hex')
  headers.push(['authorization', `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${names.join(';')},Signature=${signature}`])
  return { method, target: query === '' ? '/' : `/?${query}`, headers, bodyBase64: Buffer.from(body).toString('base64') }
}
