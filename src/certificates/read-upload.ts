import type { CertificateFacts } from '../orders/certificate-card.ts'
import { Problem } from '../problem.ts'
import type { KeyUsage } from '../x509/extensions.ts'
import { assertChain, readChain, type UploadedChain } from './read-chain.ts'
import { readPrivateKey } from './read-private-key.ts'

/** What a caller uploads: certificate and key, or the two pairs of SM2. All of them PEM. */
export interface UploadTexts {
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly signCert?: string | undefined
  readonly signPrivateKey?: string | undefined
  readonly encryptCert?: string | undefined
  readonly encryptPrivateKey?: string | undefined
}

/** A certificate chain and the key of its leaf, in clean PEM. */
export interface CheckedPair {
  readonly certificatePem: string
  readonly keyPem: string
}

/** What may be stored: a pair, or of SM2 the signing pair and the encrypting one. */
export interface CheckedUpload extends CheckedPair {
  readonly encrypt: CheckedPair | undefined
  /** What the (signing) certificate says of itself. */
  readonly facts: CertificateFacts
}

/**
 * Checks what was uploaded. The SM2 set is ignored where `Cert` and `Key` are given, as the original says.
 *
 * @throws Problem missingParameter, privateKeyFormat, certificateFormat, certificateKeyMismatch, certificateChainMismatch
 */
export function readUpload(texts: UploadTexts): CheckedUpload {
  const { cert, key, signCert, signPrivateKey, encryptCert, encryptPrivateKey } = texts
  const pairOfSm2 = [signCert, signPrivateKey, encryptCert, encryptPrivateKey].some((text) => text !== undefined)
  if (cert === undefined && key === undefined && pairOfSm2) {
    return readSm2(
      readPair(need(signCert, 'SignCert'), need(signPrivateKey, 'SignPrivateKey'), ['SignCert', 'SignPrivateKey']),
      readPair(need(encryptCert, 'EncryptCert'), need(encryptPrivateKey, 'EncryptPrivateKey'), ['EncryptCert', 'EncryptPrivateKey']),
    )
  }
  const { chain, keyPem } = readPair(need(cert, 'Cert'), need(key, 'Key'), ['Cert', 'Key'])
  return { certificatePem: chain.pem, keyPem, encrypt: undefined, facts: chain.facts }
}

function need(text: string | undefined, P: string): string {
  if (text === undefined) throw new Problem('missingParameter', { P })
  return text
}

interface ReadPair {
  readonly chain: UploadedChain
  readonly keyPem: string
}

/** The key is read first: the original answers an encrypted one before it looks at the certificate. The pair comes before the chain. */
function readPair(certText: string, keyText: string, [certName, keyName]: readonly [string, string]): ReadPair {
  const { pem: keyPem, key } = readPrivateKey(keyText, keyName)
  const chain = readChain(certText, certName)
  if (!chain.leaf.x509.checkPrivateKey(key)) throw new Problem('certificateKeyMismatch', { P: keyName, certificate: certName })
  assertChain(chain, certName)
  return { chain, keyPem }
}

/** The two certificates of one subject, one to sign and one to encrypt with (GB/T 38636 section 6.4.5.3). */
function readSm2(sign: ReadPair, encrypt: ReadPair): CheckedUpload {
  assertSm2(sign, 'SignCert', 'sign', ['digitalSignature', 'contentCommitment'])
  assertSm2(encrypt, 'EncryptCert', 'encrypt', ['keyEncipherment', 'dataEncipherment', 'keyAgreement'])
  const { facts } = sign.chain
  if (facts.common_name !== encrypt.chain.facts.common_name) {
    throw new Problem('certificateFormat', { P: 'EncryptCert', rule: 'It names another subject than SignCert does.' })
  }
  return {
    certificatePem: sign.chain.pem,
    keyPem: sign.keyPem,
    encrypt: { certificatePem: encrypt.chain.pem, keyPem: encrypt.keyPem },
    facts,
  }
}

function assertSm2({ chain }: ReadPair, P: string, use: string, usages: readonly KeyUsage[]): void {
  const { facts, keyUsage } = chain
  if (facts.algorithm !== 'SM2') throw new Problem('certificateFormat', { P, rule: 'Its key is not an SM2 key.' })
  if (keyUsage !== undefined && !usages.some((usage) => keyUsage.includes(usage))) {
    throw new Problem('certificateFormat', { P, rule: `Its key may not ${use}.` })
  }
}
