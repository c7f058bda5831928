import { sign, type KeyObject } from 'node:crypto'
import { signatureAlgorithms, type SignatureAlgorithm } from '../../x509/algorithm.ts'

/** A certificate of a hundred names is smaller. */
const SHORT_OCTETS = 16_384

/**
 * Signs; ECDSA as DER. In the thread pool, so that the event loop stays free: P-384 takes 0.7 ms, RSA more, a long CRL much hashing. P-256 signs a
 * certificate in less than the way to the pool and back costs.
 */
export function signTbs(tbsDer: Uint8Array, algorithm: SignatureAlgorithm, key: KeyObject): Promise<Uint8Array> {
  if (algorithm === 'ecdsa-with-SHA256' && tbsDer.length <= SHORT_OCTETS) {
    return Promise.resolve(sign('sha256', tbsDer, { key, dsaEncoding: 'der' }))
  }
  return new Promise((resolve, reject) => {
    sign(signatureAlgorithms[algorithm].hash, tbsDer, { key, dsaEncoding: 'der' }, (error, signature) => {
      if (error === null) resolve(signature)
      else reject(error)
    })
  })
}
