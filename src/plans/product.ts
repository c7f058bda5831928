import { z } from 'zod'

/** The algorithm of keys that the service makes, in the spelling of the API's `KeyAlgorithm`. */
export const productKeyAlgorithms = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'ECC_256', 'ECC_384'] as const

/** What can be ordered: an entry of the product catalogue. */
export interface Product {
  /** `ProductCode` on the wire, e.g. `digicert-free-1-free`. */
  readonly code: string
  readonly name: string
  readonly brand: string
  /** `RootBrand` on the wire: the brand of the root, which may differ from the brand sold. */
  readonly rootBrand: string
  readonly level: 'DV' | 'OV' | 'EV'
  /** A product without price: one name, granted and not renewable. */
  readonly free: boolean
  /** Which names it takes: concrete ones, wildcards, or both. */
  readonly domainKind: 'single' | 'wildcard' | 'mix'
  /** Names that one certificate may hold. */
  readonly maxNames: number
  /** For keys in custody, unless the order says otherwise. */
  readonly keyAlgorithm: (typeof productKeyAlgorithms)[number]
  /** Days from the first to the last instant of a certificate. */
  readonly validityDays: number
  /** Days that a plan and an instance last. */
  readonly termDays: number
  /** Whether names under top-level domains that are not in the public DNS are taken (`db.corp`). */
  readonly internalNames: boolean
  /** Lower-case words that no name may contain. Empty: off. */
  readonly blockedWords: readonly string[]
  /** Whether the service may make and keep the key. BR 6.1.1.3 forbids that to a public CA. */
  readonly custodyKeys: boolean
  /** Units of a plan that one order takes. */
  readonly unitCost: number
  /** `free`: an order for the same names as one of the instance takes no unit while the instance lasts. The ACME door asks for it. */
  readonly renewals: 'charged' | 'free'
  /** Whether IP addresses are taken (RFC 8738). */
  readonly ipAddresses: boolean
  /** Days after the issue within which a revocation gives the quota back; absent: the setting CHANCERY_REFUND_DAYS. */
  readonly refundDays?: number | undefined
}

const text = (most: number) => z.string().trim().min(1).max(most)

/** One product of the operator's file. What has a default may be left out; unknown properties are refused. */
export const operatorProductSchema = z
  .strictObject({
    code: z
      .string()
      .max(64)
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case letters and digits in groups joined by "-"'),
    name: text(128),
    brand: text(64),
    rootBrand: text(64).optional(),
    level: z.enum(['DV', 'OV', 'EV']).default('DV'),
    free: z.boolean().default(false),
    domainKind: z.enum(['single', 'wildcard', 'mix']),
    maxNames: z.int().min(1).max(100).default(1),
    keyAlgorithm: z.enum(productKeyAlgorithms).default('RSA_2048'),
    validityDays: z.int().min(1).max(3650).default(90),
    termDays: z.int().min(1).max(3650).default(365),
    internalNames: z.boolean().default(false),
    blockedWords: z.array(text(63).toLowerCase()).default([]),
    custodyKeys: z.boolean().default(true),
    unitCost: z.int().min(1).max(1000).default(1),
    renewals: z.enum(['charged', 'free']).default('charged'),
    ipAddresses: z.boolean().default(false),
    refundDays: z.int().min(0).max(365).optional(),
    /** Says that the product takes the place of the built-in one of the same code. */
    override: z.boolean().default(false),
  })
  .refine((product) => product.level !== 'EV' || product.domainKind === 'single', {
    path: ['domainKind'],
    message: 'EV takes no wildcards (EVG 7.1.2.1)',
  })
  .refine((product) => !product.free || product.maxNames === 1, { path: ['maxNames'], message: 'a free product takes one name' })

export type OperatorProduct = z.output<typeof operatorProductSchema>
