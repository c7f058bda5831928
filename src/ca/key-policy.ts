import type { SubjectPublicKey } from '../x509/spki.ts'

/**
 * Why a public key cannot be certified, or undefined: RSA of 2048, 3072 or 4096 bits with exponent 65537, P-256 or P-384
 * (BR 6.1.5, 6.1.6, narrowed to what clients accept). The text is fit for the applicant. Known-weak keys are not judged here.
 */
export function findKeyFault(key: SubjectPublicKey): string | undefined {
  const { kind } = key
  switch (kind.type) {
    case 'rsa':
      if (![2048, 3072, 4096].includes(kind.bits)) return `an RSA key must have 2048, 3072 or 4096 bits, not ${kind.bits}`
      if (Buffer.from(kind.exponent).toString('hex') !== '010001') return 'an RSA key must have the exponent 65537'
      if (((kind.modulus.at(-1) ?? 0) & 1) === 0) return 'the modulus of an RSA key must be odd'
      return undefined
    case 'ec':
      return kind.curve === 'P-521' ? 'an EC key must lie on P-256 or P-384' : undefined
    case 'other':
      return 'the key must be RSA or EC on P-256 or P-384'
    default:
      return kind satisfies never
  }
}
