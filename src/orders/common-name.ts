import type { Product } from '../plans/products.ts'
import { Problem } from '../problem.ts'
import type { ApplicantCsr } from './applicant-csr.ts'
import { type ParsedDomain, parseDomainName } from './domain-name.ts'

/**
 * The name in an applicant's CSR.
 *
 * @throws Problem invalidParameter for `Csr`
 */
export function parseCommonName({ commonName }: Pick<ApplicantCsr, 'commonName'>, product: Product): ParsedDomain {
  try {
    return parseDomainName(commonName, product)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem('invalidParameter', { P: 'Csr', rule: `Its CN cannot be certified. ${error.params['rule'] ?? ''}` })
  }
}
