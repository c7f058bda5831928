import assert from 'node:assert/strict'
import { createHash, createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A key pair that signs requests, with its JWK and thumbprint. */
export interface ClientKey {
  readonly privateKey: KeyObject
  readonly alg: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA'
  /** Public, canonical members in lexical order. */
  readonly jwk: Readonly<Record<string, string>>
  readonly thumbprint: string
}

/** What an external account key gives. */
export interface ExternalAccount {
  readonly kid: string
  readonly mac: Uint8Array
}

const hashes = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', RS256: 'sha256', EdDSA: null } as const
const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const

export function makeKey(alg: ClientKey['alg'] = 'ES256', modulusLength = 2048): ClientKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: curves[alg] })
  return keyFrom(pair.privateKey, alg)
}

export function keyFrom(privateKey: KeyObject, alg: ClientKey['alg']): ClientKey {
  const all = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }) as Record<string, string>
  const names = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] }[all['kty'] ?? ''] ?? []
  const jwk = Object.fromEntries(names.map((name) => [name, all[name] ?? '']))
  return { privateKey, alg, jwk, thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') }
}

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url')
}

/** A flattened JWS. @param payload undefined: the empty payload of POST-as-GET; a text stands as it is */
export function signJws(key: ClientKey, header: object, payload: unknown): Record<string, unknown> {
  const protectedPart = encode(header)
  const payloadPart = payload === undefined ? '' : encode(payload)
  const octets = Buffer.from(`${protectedPart}.${payloadPart}`)
  const signature = sign(hashes[key.alg], octets, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return { protected: protectedPart, payload: payloadPart, signature: signature.toString('base64url') }
}

/** An external account binding for a key (RFC 8555 section 7.3.4). */
export function bind({ kid, mac }: ExternalAccount, key: ClientKey, url: string, changes: object = {}): Record<string, unknown> {
  const protectedPart = encode({ alg: 'HS256', kid, url, ...changes })
  const payload = encode(key.jwk)
  return {
    protected: protectedPart,
    payload,
    signature: createHmac('sha256', mac).update(`${protectedPart}.${payload}`).digest('base64url'),
  }
}

export interface AcmeAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty where the body is no JSON. */
  readonly body: Readonly<Record<string, unknown>>
  /** The part of `type` after `urn:ietf:params:acme:error:`; undefined for a success. */
  readonly error: string | undefined
}

export type Directory = Readonly<Record<string, string>> & { readonly meta: Readonly<Record<string, unknown>> }

/** What a test changes of a request. */
export interface PostChanges {
  readonly header?: object
  readonly key?: ClientKey
  readonly contentType?: string
  /** Changes the signed body. */
  readonly tamper?: (jws: Record<string, unknown>) => unknown
  /** Where it is sent, if not where it is signed for. */
  readonly to?: string
}

/** A client by hand: it signs, keeps nonces, and passes on whatever is answered. */
export class AcmeClient {
  readonly directory: Directory
  key: ClientKey
  kid: string | undefined
  nonces: string[] = []

  private constructor(directory: Directory, key: ClientKey) {
    this.directory = directory
    this.key = key
  }

  /** @param base e.g. `http://127.0.0.1:8080` */
  static async open(base: string, key = makeKey()): Promise<AcmeClient> {
    const response = await fetch(`${base}/acme/directory`)
    assert.equal(response.status, 200)
    return new AcmeClient((await response.json()) as Directory, key)
  }

  /** The URL of a resource of the directory. */
  url(name: string): string {
    return this.directory[name] ?? assert.fail(`the directory has no ${name}`)
  }

  async nonce(): Promise<string> {
    const kept = this.nonces.pop()
    if (kept !== undefined) return kept
    const response = await fetch(this.url('newNonce'), { method: 'HEAD' })
    return response.headers.get('replay-nonce') ?? assert.fail('no nonce')
  }

  /** Signs by the account, or by the bare key while there is none. @param payload undefined: POST-as-GET */
  async post(url: string, payload?: unknown, changes: PostChanges = {}): Promise<AcmeAnswer> {
    const key = changes.key ?? this.key
    const signer = this.kid === undefined ? { jwk: key.jwk } : { kid: this.kid }
    const header = { alg: key.alg, nonce: await this.nonce(), url, ...signer, ...changes.header }
    const jws = signJws(key, header, payload)
    return await this.send(changes.to ?? url, JSON.stringify(changes.tamper?.(jws) ?? jws), changes.contentType)
  }

  async send(url: string, body: string | Uint8Array<ArrayBuffer>, contentType = 'application/jose+json'): Promise<AcmeAnswer> {
    const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': contentType }, body })
    const text = await response.text()
    const next = response.headers.get('replay-nonce')
    if (next !== null) this.nonces.push(next)
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
    const parsed = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>
    const type = typeof parsed['type'] === 'string' ? parsed['type'] : ''
    const error = type.startsWith('urn:ietf:params:acme:error:') ? type.slice('urn:ietf:params:acme:error:'.length) : undefined
    return { status: response.status, headers: response.headers, text, body: parsed, error }
  }

  /** newAccount; the client signs by the account from then on. */
  async register(external: ExternalAccount | undefined, members: object = {}): Promise<AcmeAnswer> {
    const url = this.url('newAccount')
    this.kid = undefined
    const answer = await this.post(url, {
      termsOfServiceAgreed: true,
      ...(external && { externalAccountBinding: bind(external, this.key, url) }),
      ...members,
    })
    if (answer.status === 200 || answer.status === 201) this.kid = answer.headers.get('location') ?? assert.fail('no Location')
    return answer
  }
}
