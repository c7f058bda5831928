import type { Product } from '../../plans/products.ts'

/** `CertType` on the wire. */
export type CertType = 'DV' | 'OV' | 'EV' | 'FREE'
/** `DomainType` on the wire. */
export type DomainType = 'ONE' | 'MULTIPLE' | 'WILDCARD' | 'M_WILDCARD' | 'MIX'

export function certTypeOf({ free, level }: Pick<Product, 'free' | 'level'>): CertType {
  return free ? 'FREE' : level
}

/** Which names a product takes. */
export function domainTypeOfProduct({ domainKind }: Pick<Product, 'domainKind'>): DomainType {
  return ({ single: 'ONE', wildcard: 'WILDCARD', mix: 'MIX' } as const)[domainKind]
}

/** Which names an order has. */
export function domainTypeOfNames(names: readonly string[]): DomainType {
  const wildcards = countWildcards(names)
  if (wildcards === 0) return names.length === 1 ? 'ONE' : 'MULTIPLE'
  if (wildcards < names.length) return 'MIX'
  return names.length === 1 ? 'WILDCARD' : 'M_WILDCARD'
}

export function countWildcards(names: readonly string[]): number {
  return names.filter((name) => name.startsWith('*.')).length
}

/** `RSA` or `ECC`, of an order's key algorithm. */
export function algorithmOf(keyAlgorithm: string): string {
  return keyAlgorithm.split('_')[0] ?? keyAlgorithm
}

/** `ProductId` on the wire: the place of a product in the catalogue, from 1; 0 for one that is no longer in it. */
export function productIdOf(code: string, products: readonly Pick<Product, 'code'>[]): number {
  return products.findIndex((product) => product.code === code) + 1
}
