import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import type { CallAnswer } from '../support/signed-call.ts'
import { type TestService, until } from '../support/service.ts'
import { runOpenssl } from '../x509/openssl.ts'

/** What an applicant gets in the end. */
export interface IssuedCertificate {
  readonly certificateId: number
  /** Leaf first. */
  readonly chain: readonly string[]
  readonly key: string
  readonly leaf: X509Certificate
}

/** Asks for the state of an order until it is issued. */
export async function waitForCertificate(service: Pick<TestService, 'succeed'>, OrderId: string): Promise<IssuedCertificate> {
  return await until(`the certificate of order ${OrderId}`, async () => {
    const state = await service.succeed('DescribeCertificateState', { OrderId })
    assert.notEqual(state['Type'], 'verify_fail')
    return state['Type'] === 'certificate' ? readCertificate(state) : undefined
  })
}

function readCertificate(state: CallAnswer['body']): IssuedCertificate {
  const { Certificate, PrivateKey, CertId } = state
  assert.ok(typeof Certificate === 'string' && typeof PrivateKey === 'string')
  const chain = Certificate.split(/(?<=-----END CERTIFICATE-----\n)/)
  return { certificateId: Number(CertId), chain, key: PrivateKey, leaf: new X509Certificate(Certificate) }
}

/** Holds a certificate against its key and names, and its chain against the root, by code that is not the service's. */
export async function assertTrustworthy(
  service: Pick<TestService, 'get'>,
  issued: IssuedCertificate,
  names: readonly string[],
): Promise<void> {
  const [leaf = '', ...issuers] = issued.chain
  assert.equal(issued.leaf.subjectAltName, names.map((name) => `DNS:${name}`).join(', '))
  assert.ok(createPublicKey(createPrivateKey(issued.key)).equals(issued.leaf.publicKey), 'the key is not that of the certificate')
  const root = await (await service.get('/ca/root.pem')).text()
  const files = { root, issuers: issuers.join(''), leaf, key: issued.key }
  const verified = await runOpenssl(
    ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', '@root', '-untrusted', '@issuers', '@leaf'],
    files,
  )
  assert.match(verified, /leaf: OK/)
  // The key file is one that openssl reads, and signs with, by itself.
  assert.equal(
    await runOpenssl(['pkey', '-in', '@key', '-pubout'], files),
    await runOpenssl(['x509', '-in', '@leaf', '-noout', '-pubkey'], files),
  )
}
