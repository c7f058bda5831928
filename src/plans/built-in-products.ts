import type { Product } from './product.ts'

/**
 * The longest validity that the public sector allows now, less one day (BR 6.3.2: 200 days from 2026-03-15).
 * The original sold these products for a year; the plan still lasts one, its certificates are issued anew within it.
 */
const publicValidityDays = 199

/** What products share that say nothing else. */
const usual = {
  free: false,
  maxNames: 5,
  keyAlgorithm: 'RSA_2048',
  validityDays: publicValidityDays,
  termDays: 365,
  internalNames: false,
  blockedWords: [],
  custodyKeys: true,
  unitCost: 1,
  renewals: 'charged',
  ipAddresses: false,
} as const satisfies Partial<Product>

const digicert = { ...usual, brand: 'DigiCert', rootBrand: 'DigiCert' } as const
const geotrust = { ...usual, brand: 'GeoTrust', rootBrand: 'DigiCert' } as const
const globalsign = { ...usual, brand: 'GlobalSign', rootBrand: 'GlobalSign' } as const
const cfca = { ...usual, brand: 'CFCA', rootBrand: 'CFCA' } as const
const chancery = { ...usual, brand: 'Chancery', rootBrand: 'Chancery', level: 'DV', validityDays: 90, internalNames: true } as const

const single = { domainKind: 'single' } as const
const wildcard = { domainKind: 'wildcard' } as const
/** What ACME clients ask for: `example.com` with `*.example.com`, addresses, and a renewal every few days or weeks. */
const mix = { domainKind: 'mix', maxNames: 100, renewals: 'free', ipAddresses: true } as const

/** The codes that the original API documents, three that were only seen in samples and clients (last of each brand), and our own. */
export const builtInProducts: readonly Product[] = [
  {
    ...digicert,
    ...single,
    code: 'digicert-free-1-free',
    name: 'DigiCert DV single name, free',
    level: 'DV',
    free: true,
    maxNames: 1,
    validityDays: 90,
  },
  // "free" in the code only: since the free edition moved to the product above, this is the paid test edition.
  { ...digicert, ...single, code: 'symantec-free-1-free', name: 'DigiCert DV single name, test edition', level: 'DV', maxNames: 1 },
  // Public documents disagree on its names: the setting CHANCERY_SYMANTEC_DV_STARTER decides, see openCatalogue.
  { ...digicert, ...wildcard, code: 'symantec-dv-1-starter', name: 'DigiCert DV wildcard', level: 'DV' },
  { ...digicert, ...single, code: 'symantec-ov-1-personal', name: 'DigiCert OV single name', level: 'OV' },
  { ...digicert, ...wildcard, code: 'symantec-ov-w-personal', name: 'DigiCert OV wildcard', level: 'OV' },
  { ...digicert, ...single, code: 'symantec-ov-1-advanced', name: 'DigiCert OV single name, advanced', level: 'OV' },
  { ...digicert, ...single, code: 'symantec-ev-1-premium', name: 'DigiCert EV single name, premium', level: 'EV' },
  { ...geotrust, ...single, code: 'geotrust-dv-1-starter', name: 'GeoTrust DV single name', level: 'DV' },
  { ...geotrust, ...wildcard, code: 'geotrust-dv-w-starter', name: 'GeoTrust DV wildcard', level: 'DV' },
  { ...geotrust, ...single, code: 'geotrust-ov-1-personal', name: 'GeoTrust OV single name', level: 'OV' },
  { ...geotrust, ...wildcard, code: 'geotrust-ov-w-personal', name: 'GeoTrust OV wildcard', level: 'OV' },
  { ...globalsign, ...single, code: 'globalsign-dv-1-personal', name: 'GlobalSign DV single name', level: 'DV' },
  { ...globalsign, ...wildcard, code: 'globalsign-dv-w-advanced', name: 'GlobalSign DV wildcard', level: 'DV' },
  { ...globalsign, ...single, code: 'globalsign-ov-1-personal', name: 'GlobalSign OV single name', level: 'OV' },
  { ...globalsign, ...wildcard, code: 'globalsign-ov-w-advanced', name: 'GlobalSign OV wildcard', level: 'OV' },
  { ...cfca, ...single, code: 'cfca-ov-1-personal', name: 'CFCA OV single name', level: 'OV' },
  // "ev" in the code only: documented as OV. An EV wildcard cannot exist (EVG 7.1.2.1).
  { ...cfca, ...wildcard, code: 'cfca-ev-w-advanced', name: 'CFCA OV wildcard', level: 'OV' },
  { ...cfca, ...single, code: 'cfca-ev-1-advanced', name: 'CFCA EV single name', level: 'EV' },
  { ...chancery, ...single, code: 'chancery-private-1', name: 'Chancery private use, single name' },
  { ...chancery, ...wildcard, code: 'chancery-private-w', name: 'Chancery private use, wildcard' },
  { ...chancery, ...mix, code: 'chancery-private-mix', name: 'Chancery private use, names of all kinds' },
  { ...chancery, ...mix, code: 'chancery-private-short', name: 'Chancery private use, short-lived', validityDays: 6 },
]
