import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files that an order leaves behind. */
export interface OrderFiles {
  readonly chain: string
  readonly key: string
  readonly root: string
}

/** Writes chain, key and root to a folder. */
export function writeFiles(folder: string, name: string, content: { chain: string; key: string; root: string }): OrderFiles {
  mkdirSync(folder, { recursive: true })
  const files = { chain: join(folder, `${name}.chain.pem`), key: join(folder, `${name}.key.pem`), root: join(folder, 'root.pem') }
  writeFileSync(files.chain, content.chain)
  writeFileSync(files.key, content.key, { mode: 0o600 })
  writeFileSync(files.root, content.root)
  return files
}

/**
 * Holds the certificate against its name, its key and its chain, with code that the service does not contain: node's OpenSSL,
 * and the openssl command where there is one.
 *
 * @returns what was checked, in words
 */
export function verifyCertificate(content: { chain: string; key: string; root: string }, name: string, files: OrderFiles): string {
  const [leaf, issuer] = content.chain
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((pem) => pem.includes('BEGIN'))
    .map((pem) => new X509Certificate(pem))
  const root = new X509Certificate(content.root)
  if (leaf === undefined || issuer === undefined) throw new Error('the chain does not hold a certificate and its issuer')
  const keyMatches = createPublicKey(createPrivateKey(content.key)).equals(leaf.publicKey)
  if (!keyMatches) throw new Error('the private key does not belong to the certificate')
  if (!leaf.verify(issuer.publicKey)) throw new Error('the issuer did not sign the certificate')
  if (!issuer.verify(root.publicKey)) throw new Error('the root did not sign the issuer')
  if (leaf.checkHost(name) === undefined) throw new Error(`the certificate is not for ${name}`)
  const openssl = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', files.root, '-untrusted', files.chain, files.chain], {
    encoding: 'utf8',
  })
  if (openssl.error !== undefined) return `${leaf.subjectAltName} until ${leaf.validTo}`
  if (openssl.status !== 0) throw new Error(`openssl verify: ${openssl.stderr}`)
  return `${leaf.subjectAltName} until ${leaf.validTo}, openssl verify OK`
}
