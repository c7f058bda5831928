import { createPrivateKey, sign } from 'node:crypto'
import type { KeyAlgorithm, KeyPair } from '../keys/key-pair.ts'
import { type SignatureAlgorithm, signatureAlgorithms } from '../x509/algorithm.ts'
import { assembleCertificationRequest, buildCertificationRequestInfo } from '../x509/csr.ts'
import type { CsrSubject } from './csr-subject.ts'

const signedBy = {
  RSA_2048: 'sha256WithRSAEncryption',
  RSA_3072: 'sha256WithRSAEncryption',
  RSA_4096: 'sha256WithRSAEncryption',
  ECC_256: 'ecdsa-with-SHA256',
  ECC_384: 'ecdsa-with-SHA384',
} as const satisfies Record<KeyAlgorithm, SignatureAlgorithm>

/** The CSR of a key pair, DER (RFC 2986). */
export async function makeCsr({ subject, dnsNames }: CsrSubject, pair: KeyPair, algorithm: KeyAlgorithm): Promise<Uint8Array> {
  const info = buildCertificationRequestInfo({ subject, spkiDer: pair.spkiDer, dnsNames })
  const name = signedBy[algorithm]
  const key = createPrivateKey({ key: Buffer.from(pair.pkcs8Der), format: 'der', type: 'pkcs8' })
  const signature = await new Promise<Uint8Array>((resolve, reject) => {
    sign(signatureAlgorithms[name].hash, info, key, (error, made) => {
      if (error === null) resolve(made)
      else reject(error)
    })
  })
  return assembleCertificationRequest(info, name, signature)
}
