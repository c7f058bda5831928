import { createPrivateKey } from 'node:crypto'
import { encodeJks } from '../x509/jks.ts'
import { decodePem, encodePem } from '../x509/pem.ts'
import { encodePkcs12, type KeyStoreContent } from '../x509/pkcs12.ts'

/** What a certificate can be downloaded as. `pem` alone holds no key. */
export const downloadFormats = ['nginx', 'apache', 'haproxy', 'pem', 'pkcs12', 'jks'] as const

export type DownloadFormat = (typeof downloadFormats)[number]

/** One file: text, or octets. */
export type DownloadedFile =
  | { readonly name: string; readonly text: string; readonly octets?: undefined }
  | { readonly name: string; readonly octets: Uint8Array; readonly text?: undefined }

/** A certificate with its key, PEM, and the name that files begin with. */
export interface DownloadPair {
  readonly baseName: string
  /** Leaf first. */
  readonly certificatePem: string
  readonly privateKeyPem: string
}

/** Files of text, named as the downloads of the original are. */
export function textFiles(
  format: 'nginx' | 'apache' | 'haproxy',
  { baseName, certificatePem, privateKeyPem }: DownloadPair,
): DownloadedFile[] {
  const key = { name: `${baseName}.key`, text: privateKeyPem }
  switch (format) {
    case 'nginx':
      // ssl_certificate takes leaf and chain in one file.
      return [{ name: `${baseName}.pem`, text: certificatePem }, key]
    case 'apache': {
      const [leaf = '', ...chain] = decodePem(certificatePem).map(({ der }) => encodePem('CERTIFICATE', der))
      // SSLCertificateChainFile must not be empty; a certificate without a chain has none.
      const chainFile = chain.length === 0 ? [] : [{ name: `${baseName}_chain.crt`, text: chain.join('') }]
      return [{ name: `${baseName}_public.crt`, text: leaf }, ...chainFile, key]
    }
    case 'haproxy':
      return [{ name: `${baseName}.pem`, text: `${certificatePem}${privateKeyPem}` }]
    default:
      return format satisfies never
  }
}

export interface KeyStoreRequest {
  readonly password: string
  /** ms */
  readonly now: number
  readonly randomBytes: (length: number) => Uint8Array
}

/** A key store under a password; the key's entry is called `certificate`. */
export async function keyStoreFile(
  format: 'pkcs12' | 'jks',
  { baseName, certificatePem, privateKeyPem }: DownloadPair,
  { password, now, randomBytes }: KeyStoreRequest,
): Promise<DownloadedFile> {
  const pkcs8Der = createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' })
  try {
    const certificates = decodePem(certificatePem).map(({ der }) => der)
    const content: KeyStoreContent = { pkcs8Der, certificates, password, alias: 'certificate' }
    if (format === 'jks') return { name: `${baseName}.jks`, octets: encodeJks(content, { randomBytes, now }) }
    return { name: `${baseName}.pfx`, octets: await encodePkcs12(content, { randomBytes, pause: letOthersRun }) }
  } finally {
    pkcs8Der.fill(0)
  }
}

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** The name of a certificate's files: its CN, in which `_` stands for what file systems treat specially. */
export function baseNameOf(commonName: string): string {
  const name = commonName
    .replaceAll(/[^A-Za-z0-9.-]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 100)
  return name === '' ? 'certificate' : name
}
