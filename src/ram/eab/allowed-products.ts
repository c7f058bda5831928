import { Problem } from '../../problem.ts'
import type { Services } from '../../services.ts'

/**
 * The products that a key may order, the default first. The ACME door serves DV products alone.
 *
 * @throws Problem invalidParameter for `Products`
 */
export function parseAllowedProducts({ catalogue }: Pick<Services, 'catalogue'>, codes: readonly string[]): readonly string[] {
  if (codes.length === 0) throw invalid('Products', 'At least one product is needed; the first one is the default.')
  codes.forEach((code, index) => {
    const product = catalogue.find(code)
    if (product === undefined) throw invalid(`Products.${index + 1}`, 'There is no such product.')
    if (product.level !== 'DV') throw invalid(`Products.${index + 1}`, 'The ACME door serves products of the level DV.')
  })
  if (new Set(codes).size !== codes.length) throw invalid('Products', 'Each may be given once.')
  return codes
}

function invalid(P: string, rule: string): Problem {
  return new Problem('invalidParameter', { P, rule })
}
