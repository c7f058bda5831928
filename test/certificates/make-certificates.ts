import assert from 'node:assert/strict'
import { runOpenssl } from '../x509/openssl.ts'

/** Kinds of keys, by the arguments that openssl makes them with. */
const kinds = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  secp256k1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  ed25519: ['-algorithm', 'ED25519'],
  sm2: ['-algorithm', 'SM2'],
} as const

export type KeyKind = keyof typeof kinds

/** A certificate with its key, PEM; the key is PKCS #8. */
export interface TestPair {
  readonly cert: string
  readonly key: string
}

export interface LeafRequest {
  readonly cn: string
  readonly kind?: KeyKind
  readonly names?: readonly string[]
  /** Further extensions, as openssl writes them. */
  readonly extensions?: readonly string[]
  readonly organization?: string
  /** The key to certify; made anew if absent. */
  readonly key?: string
}

/** A CA that openssl signs with. */
export interface TestAuthority extends TestPair {
  issue(request: LeafRequest): Promise<TestPair>
  /** A CA below this one. */
  subordinate(cn: string, kind?: KeyKind, key?: string): Promise<TestAuthority>
}

export async function makeKey(kind: KeyKind): Promise<string> {
  return onlyPem(await runOpenssl(['genpkey', ...kinds[kind]]))
}

/** The same key in PKCS #1 or SEC 1. */
export async function traditionalKey(key: string): Promise<string> {
  // `pkey` does not write SM2 so, and `ec` does not read RSA.
  const program = isSm2(key) ? ['ec', '-in', '@key'] : ['pkey', '-in', '@key', '-traditional']
  return onlyPem(await runOpenssl(program, { key }))
}

/** The curve's identifier is in the key. */
function isSm2(key: string): boolean {
  return Buffer.from(key.replaceAll(/-----.*-----|\n/g, ''), 'base64').includes(Buffer.from('2a811ccf5501822d', 'hex'))
}

const caExtensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
const hour = ['-days', '60']

/** A root of its own. */
export async function makeAuthority(cn: string, kind: KeyKind = 'ec', key?: string): Promise<TestAuthority> {
  const made = key ?? (await makeKey(kind))
  // openssl's own configuration adds CA:TRUE.
  const cert = await runOpenssl(
    [
      'req',
      '-x509',
      '-new',
      '-key',
      '@key',
      '-subj',
      `/CN=${cn}`,
      ...hour,
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      ...digest(kind),
    ],
    { key: made },
  )
  return authorityOf({ cert: onlyPem(cert), key: made }, kind)
}

function authorityOf(ca: TestPair, kind: KeyKind): TestAuthority {
  return {
    ...ca,
    async issue({ cn, kind: leafKind = 'ec', names = [cn], extensions = [], organization, key }) {
      const subject = `${organization === undefined ? '' : `/C=CN/ST=Zhejiang/L=Hangzhou/O=${organization}`}/CN=${cn}`
      const san = names.length === 0 ? [] : [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`]
      return await sign(ca, kind, { subject, kind: leafKind, extensions: [...san, ...extensions], key })
    },
    async subordinate(cn, below = 'ec', key) {
      return authorityOf(await sign(ca, kind, { subject: `/CN=${cn}`, kind: below, extensions: caExtensions, key }), below)
    },
  }
}

interface SignRequest {
  readonly subject: string
  readonly kind: KeyKind
  readonly extensions: readonly string[]
  readonly key: string | undefined
}

async function sign(ca: TestPair, caKind: KeyKind, { subject, kind, extensions, key }: SignRequest): Promise<TestPair> {
  const made = key ?? (await makeKey(kind))
  const added = extensions.flatMap((extension) => ['-addext', extension])
  const csr = onlyPem(await runOpenssl(['req', '-new', '-key', '@key', '-subj', subject, ...added, ...digest(kind)], { key: made }))
  const distinguishing = kind === 'sm2' ? ['-vfyopt', `distid:${sm2Id}`] : []
  const signed = await runOpenssl(
    [
      'x509',
      '-req',
      '-in',
      '@csr',
      '-CA',
      '@ca',
      '-CAkey',
      '@caKey',
      '-copy_extensions',
      'copyall',
      ...hour,
      ...distinguishing,
      ...digest(caKind),
    ],
    { csr, ca: ca.cert, caKey: ca.key },
  )
  return { cert: onlyPem(signed), key: made }
}

/** The signer's identity of the standard (GM/T 0009 section 10). */
const sm2Id = '1234567812345678'

function digest(kind: KeyKind): string[] {
  if (kind === 'ed25519') return []
  return kind === 'sm2' ? ['-sm3', '-sigopt', `distid:${sm2Id}`] : ['-sha256']
}

/** The PEM block in what openssl wrote, dots and notes apart. */
function onlyPem(output: string): string {
  const [block] = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----\n/.exec(output) ?? assert.fail(`openssl wrote no PEM: ${output}`)
  return block
}
