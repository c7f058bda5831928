import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { signatureAlgorithms, type SignatureAlgorithm } from '../../src/x509/algorithm.ts'

/** A key for tests, with the algorithm it signs with. */
export interface TestKey {
  readonly privateKey: KeyObject
  readonly spkiDer: Uint8Array
  readonly algorithm: SignatureAlgorithm
}

/** Makes an RSA-2048, P-256 or P-384 key. */
export function generateTestKey(type: 'RSA-2048' | 'P-256' | 'P-384'): TestKey {
  const { privateKey } =
    type === 'RSA-2048' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: type })
  const algorithms = { 'RSA-2048': 'sha256WithRSAEncryption', 'P-256': 'ecdsa-with-SHA256', 'P-384': 'ecdsa-with-SHA384' } as const
  return { privateKey, spkiDer: exportSpki(createPublicKey(privateKey)), algorithm: algorithms[type] }
}

/** The SubjectPublicKeyInfo of a public key. */
export function exportSpki(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' })
}

/** Signs with a test key by its algorithm. */
export function signWith(key: TestKey, tbsDer: Uint8Array): Uint8Array {
  return sign(signatureAlgorithms[key.algorithm].hash, tbsDer, key.privateKey)
}

export const keyTypes = ['RSA-2048', 'P-256', 'P-384'] as const
