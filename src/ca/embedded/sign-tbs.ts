import { sign, type KeyObject } from 'node:crypto'
import { signatureAlgorithms, type SignatureAlgorithm } from '../../x509/algorithm.ts'

/** Signs in the thread pool, so that the event loop stays free: P-384 takes 0.7 ms, a long CRL much hashing. ECDSA as DER. */
export function signTbs(tbsDer: Uint8Array, algorithm: SignatureAlgorithm, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(signatureAlgorithms[algorithm].hash, tbsDer, { key, dsaEncoding: 'der' }, (error, signature) => {
      if (error === null) resolve(signature)
      else reject(error)
    })
  })
}
