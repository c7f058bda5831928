import type { RequestContext } from '../gateway/caller.ts'
import { type KeyAlgorithm, parseKeyAlgorithm } from '../keys/key-pair.ts'
import { parseApplicantCsr, pemOfCsr } from '../orders/applicant-csr.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { readCsrFacts } from './csr-facts.ts'
import { parseCsrName } from './csr-name.ts'
import { type GivenSubject, parseCsrSubject } from './csr-subject.ts'
import { keepCsr } from './keep-csr.ts'
import { makeCsr } from './make-csr.ts'

export interface CsrWish extends GivenSubject {
  readonly algorithm: string
  readonly keySize: number
  readonly name: string | undefined
}

/**
 * Makes a key and a CSR for it, and keeps both.
 *
 * @throws Problem invalidParameter, limitExceeded, callerInactive
 */
export async function createCsr(
  services: Pick<Services, 'db' | 'clock' | 'sealer' | 'keyPool'>,
  context: RequestContext,
  wish: CsrWish,
): Promise<{ readonly csrId: number; readonly pem: string }> {
  const algorithm = parseAlgorithm(wish)
  const subject = parseCsrSubject(wish)
  // Before a key is made for nothing.
  parseCsrName(wish.name, 0)
  const pair = await services.keyPool.take(algorithm)
  try {
    const pem = pemOfCsr(await makeCsr(subject, pair, algorithm))
    const facts = readCsrFacts(await parseApplicantCsr(pem))
    const csrId = await keepCsr(services, context, { facts, name: wish.name, pkcs8Der: pair.pkcs8Der, source: 'created' })
    return { csrId, pem }
  } finally {
    pair.pkcs8Der.fill(0)
  }
}

function parseAlgorithm({ algorithm, keySize }: CsrWish): KeyAlgorithm {
  const invalid = (P: string, rule: string) => new Problem('invalidParameter', { P, rule })
  switch (algorithm) {
    case 'RSA':
    case 'ECC': {
      const sizes = algorithm === 'RSA' ? '2048, 3072 or 4096' : '256 or 384'
      const found = parseKeyAlgorithm(`${algorithm}_${keySize}`)
      if (found === undefined) throw invalid('KeySize', `A key of ${algorithm} has ${sizes} bits.`)
      return found
    }
    case 'SM2':
      throw invalid('Algorithm', 'SM2 is not offered: no product here certifies its keys. RSA or ECC is needed.')
    default:
      throw invalid('Algorithm', 'RSA or ECC is needed.')
  }
}
