import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { until } from '../../support/service.ts'
import { runOpenssl } from '../../x509/openssl.ts'
import type { AcmeScene } from './acme-scene.ts'

/** What a client has got: PEM, the chain leaf first. */
export interface ObtainedCertificate {
  readonly chain: string
  readonly key: string
}

/**
 * Holds a certificate against its key, its names, the root and the CRL that it names itself, all by openssl.
 *
 * @param names DNS names and addresses, in any order
 */
export async function assertGood(scene: AcmeScene, obtained: ObtainedCertificate, names: readonly string[]): Promise<X509Certificate> {
  const certificates = splitChain(obtained.chain)
  assert.equal(certificates.length, 2, 'leaf and intermediate, no root')
  const leaf = new X509Certificate(certificates[0] ?? '')
  assert.deepEqual(
    leaf.subjectAltName?.split(', ').toSorted(),
    names.map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP Address:${name}`)).toSorted(),
  )
  assert.ok(createPublicKey(createPrivateKey(obtained.key)).equals(leaf.publicKey), 'the key is that of the certificate')
  assert.match(await verifyWithCrl(scene, certificates), /leaf: OK/)
  return leaf
}

/** Waits until the CRL lists the certificate, and openssl refuses it for that. @param reason as openssl spells it; `undefined`: none is given */
export async function assertRevoked(scene: AcmeScene, chain: string, reason: string | undefined): Promise<void> {
  const certificates = splitChain(chain)
  const { serialNumber } = new X509Certificate(certificates[0] ?? '')
  const entry = await until(
    'the CRL to list the certificate',
    async () => {
      const text = await runOpenssl(['crl', '-inform', 'DER', '-in', '@crl', '-noout', '-text'], { crl: await fetchCrl(certificates) })
      return text.split('Serial Number: ').find((part) => part.startsWith(serialNumber))
    },
    60_000,
  )
  assert.equal(/CRL Reason Code: ?\n? *(.+)/.exec(entry)?.[1], reason)
  await assert.rejects(verifyWithCrl(scene, certificates), /certificate revoked/)
}

function splitChain(chain: string): string[] {
  return chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? []
}

async function verifyWithCrl(scene: AcmeScene, [leaf = '', ...issuers]: readonly string[]): Promise<string> {
  const crl = await runOpenssl(['crl', '-inform', 'DER', '-in', '@crl'], { crl: await fetchCrl([leaf]) })
  const files = { root: readFileSync(scene.rootFile), issuers: issuers.join(''), leaf, crl }
  const strictly = ['-x509_strict', '-purpose', 'sslserver', '-crl_check', '-CRLfile', '@crl']
  return await runOpenssl(['verify', ...strictly, '-CAfile', '@root', '-untrusted', '@issuers', '@leaf'], files)
}

/** From the address in the certificate. The first certificate of a CRL opens it, and it is signed right after. */
async function fetchCrl([leaf = '']: readonly string[]): Promise<Buffer> {
  const text = await runOpenssl(['x509', '-in', '@leaf', '-noout', '-ext', 'crlDistributionPoints'], { leaf })
  const [, address = ''] = /URI:(\S+)/.exec(text) ?? assert.fail(text)
  return await until('the CRL', async () => {
    const answer = await fetch(address)
    const body = Buffer.from(await answer.arrayBuffer())
    return answer.status === 200 ? body : undefined
  })
}
