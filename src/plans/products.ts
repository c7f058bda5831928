import { z } from 'zod'
import type { Settings } from '../config.ts'
import { builtInProducts } from './built-in-products.ts'
import { operatorProductSchema } from './product.ts'
import type { OperatorProduct, Product } from './product.ts'

export type { Product } from './product.ts'

/** `ProductCode` when a call names none. */
export const defaultProductCode = 'digicert-free-1-free'

/** What ACME clients order that send no profile, and whose external account key names none. */
export const defaultAcmeProductCode = 'chancery-private-mix'

/** The products that can be ordered here. */
export interface Catalogue {
  /** The product of exactly that code. */
  find(code: string): Product | undefined
  /** All products: the built-in ones, then the operator's, each in the order given. */
  list(): readonly Product[]
}

/** What was wrong with the operator's products: one line for each fault. */
export class CatalogueError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'CatalogueError'
    this.lines = lines
  }
}

/**
 * The catalogue of a process. The products and lists are frozen.
 *
 * @param operatorProducts the JSON value of the operator's file: a list of products. A code that is built in needs `"override": true`
 * @throws CatalogueError naming every fault of the operator's products
 */
export function openCatalogue(
  settings: Pick<Settings, 'symantecDvStarter' | 'operatorProducts'>,
  operatorProducts: unknown = settings.operatorProducts,
): Catalogue {
  const products = new Map(builtInProducts.map((product) => [product.code, settle(product, settings)]))
  for (const product of parseOperatorProducts(operatorProducts ?? [])) products.set(product.code, freeze(product))
  const list = Object.freeze([...products.values()])
  return { find: (code) => products.get(code), list: () => list }
}

function settle(product: Product, settings: Pick<Settings, 'symantecDvStarter'>): Product {
  return freeze(product.code === 'symantec-dv-1-starter' ? { ...product, ...symantecDvStarter[settings.symantecDvStarter] } : product)
}

const symantecDvStarter = {
  wildcard: { domainKind: 'wildcard', name: 'DigiCert DV wildcard' },
  single: { domainKind: 'single', name: 'DigiCert DV single name' },
} as const satisfies Record<Settings['symantecDvStarter'], Partial<Product>>

function parseOperatorProducts(content: unknown): readonly Product[] {
  const parsed = z.array(operatorProductSchema).safeParse(content)
  if (parsed.data === undefined) {
    throw new CatalogueError(parsed.error.issues.map((issue) => `CHANCERY_PRODUCTS_FILE: ${placeOf(issue.path)}: ${issue.message}.`))
  }
  const faults = conflicts(parsed.data)
  if (faults.length > 0) throw new CatalogueError(faults)
  return parsed.data.map(toProduct)
}

function toProduct({ override: _override, ...product }: OperatorProduct): Product {
  return { ...product, rootBrand: product.rootBrand ?? product.brand }
}

function conflicts(products: readonly OperatorProduct[]): string[] {
  const builtIn = new Set(builtInProducts.map((product) => product.code))
  const seen = new Set<string>()
  const faults: string[] = []
  for (const { code, override } of products) {
    const name = `CHANCERY_PRODUCTS_FILE: the product ${code}`
    if (seen.has(code)) faults.push(`${name} is there twice.`)
    if (builtIn.has(code) && !override) faults.push(`${name} is built in: choose another code, or say "override": true.`)
    if (!builtIn.has(code) && override) faults.push(`${name} overrides nothing: no product of that code is built in.`)
    seen.add(code)
  }
  return faults
}

function placeOf(path: readonly PropertyKey[]): string {
  const [index, ...rest] = path
  const product = typeof index === 'number' ? `product ${index + 1}` : 'the file'
  return rest.length === 0 ? product : `${product}, ${rest.join('.')}`
}

function freeze(product: Product): Product {
  return Object.freeze({ ...product, blockedWords: Object.freeze([...product.blockedWords]) })
}
