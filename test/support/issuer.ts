import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import 'reflect-metadata'
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

/** A CA of a test's own. */
export interface TestRoot {
  readonly pem: string
  /** Hex, lower case. */
  readonly sha1: string
  /** A server certificate with its key, PEM. */
  issue(names: readonly string[]): Promise<{ readonly cert: string; readonly key: string }>
}

const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export async function createTestRoot(commonName: string): Promise<TestRoot> {
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) }
  const name = `CN=${commonName}`
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name,
    ...validity,
    keys,
    signingAlgorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  let serial = 1
  return {
    pem: root.toString('pem'),
    sha1: new X509Certificate(root.toString('pem')).fingerprint.replaceAll(':', '').toLowerCase(),
    async issue(names) {
      const own = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
      serial += 1
      const leaf = await X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(2, '0'),
        subject: `CN=${names[0] ?? ''}`,
        issuer: name,
        ...validity,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm,
        extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })))],
      })
      const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64')
      return { cert: leaf.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` }
    },
  }
}

/** A key of an issuer: signs tokens. */
export interface IssuerKey {
  readonly jwk: JWK
  /** A token of the issuer; undefined takes a usual claim away. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, string | undefined>>): Promise<string>
}

/** An OpenID Connect issuer over TLS. */
export interface TestIssuer {
  /** As `iss` and IssuerUrl have it. */
  readonly url: string
  readonly port: number
  readonly root: TestRoot
  /** What the key set shows. */
  readonly published: JWK[]
  /** Paths that were asked for. */
  readonly asked: string[]
  /** Set to answer in another way, or not at all; undefined from it: as usual. */
  answer: ((req: IncomingMessage) => { status: number; headers?: Record<string, string>; body: string } | 'silence' | undefined) | undefined
  /** Makes a key, published or not. */
  createKey(kid: string, options?: { alg?: string; publish?: boolean }): Promise<IssuerKey>
  close(): Promise<void>
}

/** @param host the name in the issuer's URL; its certificate is for it and for 127.0.0.1 */
export async function startIssuer(host = 'localhost'): Promise<TestIssuer> {
  const root = await createTestRoot('A root of the issuer')
  const published: JWK[] = []
  const asked: string[] = []
  const server = createServer(await root.issue([host, '127.0.0.1']), (req, res) => {
    asked.push(req.url ?? '')
    const other = issuer.answer?.(req)
    if (other === 'silence') return
    if (other !== undefined) {
      res.writeHead(other.status, other.headers).end(other.body)
      return
    }
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer: issuer.url,
        jwks_uri: `${issuer.url}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      },
      '/keys': { keys: published },
    }
    const document = documents[req.url ?? '']
    res.writeHead(document === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(document ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer: TestIssuer = {
    url: `https://${host}:${port}`,
    port,
    root,
    published,
    asked,
    answer: undefined,
    async createKey(kid, { alg = 'RS256', publish = true } = {}) {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
      const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
      if (publish) published.push(jwk)
      return {
        jwk,
        async sign(claims = {}, header = {}) {
          const now = Math.floor(Date.now() / 1000)
          const all = {
            iss: issuer.url,
            aud: 'sts.example',
            sub: 'system:serviceaccount:default:deployer',
            iat: now,
            exp: now + 600,
            ...claims,
          }
          const payload = withoutAbsent(all) as JWTPayload
          return await new SignJWT(payload).setProtectedHeader(withoutAbsent({ alg, kid, ...header }) as { alg: string }).sign(privateKey)
        },
      }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return issuer
}

function withoutAbsent(all: object): object {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** A token with a header and a signature of one's own choice. */
export function forge(header: object, claims: object, sign: (input: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign(input)}`
}
